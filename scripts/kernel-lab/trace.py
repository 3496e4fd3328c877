"""The path of a packet rule by rule, as the legacy TRACE target reports it.

iptables-legacy TRACE hands each event to nf_log; nfnetlink_log carries it to a netlink socket of the same namespace, as
`TRACE: nat:KUBE-SVC-X:rule:3` (net/ipv4/netfilter/ip_tables.c, trace_packet()) with the packet's first bytes and mark.
"""
import errno
import os
import socket
import struct

SO_RCVBUFFORCE = 33
NETLINK_NETFILTER = 12
NFULNL_MSG_PACKET = 4 << 8 | 0
NFULNL_MSG_CONFIG = 4 << 8 | 1
NFULA_MARK, NFULA_PAYLOAD, NFULA_PREFIX = 2, 9, 10

# One packet of each direction of a conversation: SYN and SYN-ACK, RST, and everything that is not TCP. Of ICMPv6 only
# errors and echoes: neighbours are asked by ICMPv6, too.
SYN_RST = ['-p tcp -m tcp --tcp-flags SYN SYN', '-p tcp -m tcp --tcp-flags RST RST']
SELECTIONS = [*SYN_RST, '! -p tcp']
SELECTIONS6 = [*SYN_RST, '-p udp', *('-p icmpv6 -m icmp6 --icmpv6-type %d' % kind for kind in (1, 2, 3, 4, 128, 129))]

VXLAN_PORTS = (4789, 8472)


class Tracer:
    """Switches tracing on in one namespace and collects its events."""

    def __init__(self, namespace, six):
        self.namespace = namespace
        self.six = six
        self.raw = []
        self.lost = 0
        self.insert_rules()
        families = (socket.AF_INET, socket.AF_INET6) if six else (socket.AF_INET,)
        namespace.write_sysctls([('net/netfilter/nf_log/%d' % family, 'nfnetlink_log') for family in families])
        with namespace:
            self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER)
        try:
            self.socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 64 << 20)  # for root of the first user namespace only
        except PermissionError:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 << 20)
        self.socket.bind((0, 0))
        self._configure(struct.pack('=HHB3x', 5, 1, 1))  # NFULA_CFG_CMD: bind group 0
        self._configure(struct.pack('=HH', 10, 2) + struct.pack('>IBx', 128, 2) + b'\0\0')  # NFULA_CFG_MODE: copy 128 bytes
        self._configure(struct.pack('=HH', 8, 5) + struct.pack('>I', 1))  # NFULA_CFG_QTHRESH: hand on at once
        self.socket.setblocking(False)

    def insert_rules(self):
        """Before the machine's own; to be done again whenever those are loaded again."""
        tools = [('iptables-legacy-restore', SELECTIONS), *([('ip6tables-legacy-restore', SELECTIONS6)] if self.six else [])]
        for tool, selections in tools:
            text = '*raw\n%sCOMMIT\n' % ''.join(
                '-I %s 1 %s -j TRACE\n' % (chain, selection) for chain in ('PREROUTING', 'OUTPUT') for selection in selections)
            self.namespace.run([tool, '--noflush'], text)

    def _configure(self, attributes):
        body = struct.pack('=BBH', socket.AF_INET, 0, 0) + attributes
        self.socket.send(struct.pack('=IHHII', 16 + len(body), NFULNL_MSG_CONFIG, 5, 1, 0) + body)
        code = struct.unpack_from('=i', self.socket.recv(4096), 16)[0]
        if code:
            raise OSError(-code, 'nfnetlink_log: ' + os.strerror(-code))

    def fileno(self):
        return self.socket.fileno()

    def close(self):
        self.socket.close()

    def drain(self):
        while True:
            try:
                self.raw.append(self.socket.recv(65536))
            except BlockingIOError:
                return
            except OSError as error:
                if error.errno != errno.ENOBUFS:
                    raise
                self.lost += 1

    def take(self):
        """The events since the last call, in order; those of our own TRACE rules are left out."""
        self.drain()
        events = [event for message in self.raw for event in parse(message)]
        self.raw = []
        return [event for event in events if event is not None]


def parse(message):
    offset = 0
    while offset + 16 <= len(message):
        length, kind = struct.unpack_from('=IH', message, offset)
        if length < 20:
            return
        if kind == NFULNL_MSG_PACKET:
            yield parse_event(message[offset + 20:offset + length])
        offset += (length + 3) & ~3


def parse_event(attributes):
    found = {}
    position = 0
    while position + 4 <= len(attributes):
        length, kind = struct.unpack_from('=HH', attributes, position)
        if length < 4:
            break
        found[kind & 0x3fff] = attributes[position + 4:position + length]
        position += (length + 3) & ~3
    prefix = found.get(NFULA_PREFIX, b'').rstrip(b'\0').decode().strip()
    if not prefix.startswith('TRACE: '):
        return None
    # A chain's name may hold a colon, the table and the last two fields cannot.
    table, rest = prefix[len('TRACE: '):].split(':', 1)
    chain, event, number = rest.rsplit(':', 2)
    number = int(number)
    six = found.get(NFULA_PAYLOAD, b'')[:1] >= b'\x60'
    if table == 'raw' and chain in ('PREROUTING', 'OUTPUT'):
        number -= len(SELECTIONS6 if six else SELECTIONS)
        if number < 1:
            return None
    mark = found.get(NFULA_MARK)
    packet = found.get(NFULA_PAYLOAD, b'')
    if continues(packet) or refuses_discovery(packet):
        return None
    return {'table': table, 'chain': chain, 'event': event, 'number': number,
            'mark': struct.unpack('>I', mark)[0] if mark else 0, **parse_packet(packet)}


def refuses_discovery(packet):
    """Whether it is an error about a question for neighbours or its answer, which are not traced either."""
    if len(packet) < 89 or packet[0] >> 4 != 6 or packet[6] != socket.IPPROTO_ICMPV6 or packet[40] >= 128:
        return False
    quoted = packet[48:]
    return quoted[6] == socket.IPPROTO_ICMPV6 and 133 <= quoted[40] <= 137  # RFC 4861


def continues(packet):
    """Whether a tunnel's packet carries a TCP segment that SELECTIONS leave out where it goes by itself."""
    inner = carried(packet)
    while inner is not None:
        protocol, segment = payload_of(inner)
        inner = carried(inner)
        if protocol == socket.IPPROTO_TCP:
            return len(segment) >= 14 and not segment[13] & 0x06  # neither SYN nor RST
    return False


def carried(packet):
    """The packet inside an IPIP packet or a VXLAN datagram."""
    protocol, payload = payload_of(packet)
    if protocol == socket.IPPROTO_IPIP:
        return payload
    if protocol == socket.IPPROTO_UDP and len(payload) >= 50 and struct.unpack_from('>H', payload, 2)[0] in VXLAN_PORTS:
        return payload[8 + 8 + 14:]  # headers of UDP, VXLAN and Ethernet
    return None


def payload_of(packet):
    """Protocol and bytes behind the header of IPv4 or IPv6."""
    version = packet[0] >> 4 if packet else 0
    if version == 4 and len(packet) >= 20:
        return packet[9], packet[(packet[0] & 15) * 4:]
    if version == 6 and len(packet) >= 40:
        return packet[6], packet[40:]
    return None, b''


def parse_packet(packet):
    if packet[:1] >= b'\x60':
        return parse_packet6(packet)
    if len(packet) < 20:
        return {}
    fields = {'src': socket.inet_ntoa(packet[12:16]), 'dst': socket.inet_ntoa(packet[16:20]), 'protocol': packet[9], 'ttl': packet[8]}
    return {**fields, **parse_transport(fields['protocol'], packet[(packet[0] & 15) * 4:])}


def parse_packet6(packet):
    """Without extension headers, of which no probe has any."""
    if len(packet) < 40:
        return {}
    source, destination = (socket.inet_ntop(socket.AF_INET6, packet[at:at + 16]) for at in (8, 24))
    fields = {'src': source, 'dst': destination, 'protocol': packet[6], 'ttl': packet[7]}
    return {**fields, **parse_transport(packet[6], packet[40:])}


def parse_transport(protocol, transport):
    if protocol in (socket.IPPROTO_TCP, socket.IPPROTO_UDP) and len(transport) >= 4:
        sport, dport = struct.unpack('>HH', transport[:4])
        resets = protocol == socket.IPPROTO_TCP and len(transport) >= 14 and transport[13] & 0x04
        return {'sport': sport, 'dport': dport, **({'reset': True} if resets else {})}
    if protocol in (socket.IPPROTO_ICMP, socket.IPPROTO_ICMPV6) and len(transport) >= 2:
        return {'icmp': [transport[0], transport[1]]}
    return {}
