"""The path of a packet through nftables, as the kernel multicasts it (net/netfilter/nf_tables_trace.c, `nft monitor trace`).

Which packets are traced is said by TRACE of iptables-legacy (trace.py): it sets skb->nf_trace, and both kinds of tables
look at that mark. nf_tables looks only where some rule could set it, which ENABLE sees to.
"""
import errno
import json
import socket
import struct

from trace import VXLAN_PORTS, parse_packet

SO_RCVBUFFORCE = 33
NETLINK_NETFILTER = 12
SOL_NETLINK, NETLINK_ADD_MEMBERSHIP = 270, 1
NFNLGRP_NFTRACE = 9
NFT_MSG_TRACE = 10 << 8 | 17
TABLE, CHAIN, RULE_HANDLE, TYPE, ID, NETWORK, TRANSPORT, MARK = 1, 2, 3, 4, 6, 8, 9, 14
POLICY = 1
FAMILIES = {1: 'inet', 2: 'ip', 10: 'ip6'}

NAME = 'nettrace-trace'
# No hook: the rule itself never runs.
ENABLE = 'table inet %s {\n chain never {\n  meta nftrace set 1\n }\n}\n' % NAME


class NftTracer:
    """Collects what the tables of nftables of one namespace do with traced packets."""

    def __init__(self, namespace):
        self.raw = []
        self.lost = 0
        self.packets = {}
        namespace.run(['nft', '-f', '-'], ENABLE)
        self.places = read_places(json.loads(namespace.run(['nft', '-j', '-a', 'list', 'ruleset'])))
        with namespace:
            self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER)
        try:
            self.socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 64 << 20)
        except PermissionError:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 << 20)
        self.socket.bind((0, 0))
        self.socket.setsockopt(SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, NFNLGRP_NFTRACE)
        self.socket.setblocking(False)

    def close(self):
        self.socket.close()

    def take(self):
        """The events since the last call, in order."""
        while True:
            try:
                self.raw.append(self.socket.recv(65536))
            except BlockingIOError:
                break
            except OSError as error:
                if error.errno != errno.ENOBUFS:
                    raise
                self.lost += 1
        messages, self.raw = self.raw, []
        return [event for message in messages for event in self.parse(message) if event is not None]

    def parse(self, message):
        offset = 0
        while offset + 16 <= len(message):
            length, kind = struct.unpack_from('=IH', message, offset)
            if length < 20:
                return
            if kind == NFT_MSG_TRACE:
                yield self.event(attributes_of(message[offset + 20:offset + length]), message[offset + 16])
            offset += (length + 3) & ~3

    def event(self, found, family):
        table = '%s %s' % (FAMILIES.get(family, family), text(found[TABLE]))
        chain = text(found[CHAIN])
        kind = struct.unpack('>I', found[TYPE])[0]
        # A base chain's first event brings the headers; they are what its other events are about.
        if NETWORK in found:
            self.packets[found[ID]] = parse_packet(found[NETWORK] + found.get(TRANSPORT, b''))
        rules, numbers = self.places.get((table, chain), (0, {}))
        handle = struct.unpack('>Q', found[RULE_HANDLE])[0] if RULE_HANDLE in found else None
        if handle is None and kind != POLICY:
            return None  # the end of a chain: nothing decides there
        number = rules + 1 if handle is None else numbers.get(handle, 0)
        mark = struct.unpack('>I', found[MARK])[0] if MARK in found else 0
        packet = self.packets.get(found[ID], {})
        if packet.get('protocol') == socket.IPPROTO_UDP and packet.get('dport') in VXLAN_PORTS:
            return None  # of what it carries too little is told to know whether it is traced (trace.py, continues())
        # nft_trace_verdict() calls a rule that returns now one, now the other.
        event = 'policy' if kind == POLICY else 'rule'
        return {'table': table, 'chain': chain, 'event': event, 'number': number, 'mark': mark, **packet}


def read_places(listing):
    """By table and chain: how many rules it has, and the number of each handle."""
    places = {}
    for item in listing['nftables']:
        rule = item.get('rule')
        if rule is None:
            continue
        key = ('%s %s' % (rule['family'], rule['table']), rule['chain'])
        count, numbers = places.get(key, (0, {}))
        numbers[rule['handle']] = count + 1
        places[key] = (count + 1, numbers)
    return places


def attributes_of(data):
    found = {}
    position = 0
    while position + 4 <= len(data):
        length, kind = struct.unpack_from('=HH', data, position)
        if length < 4:
            break
        found[kind & 0x3fff] = data[position + 4:position + length]
        position += (length + 3) & ~3
    return found


def text(value):
    return value.rstrip(b'\0').decode()
