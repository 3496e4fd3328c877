"""Sockets that answer, and note whom they saw and which address was asked."""
import json
import select
import socket
import struct

IP_PKTINFO, IPV6_PKTINFO = 8, 50
# Address translation can make two listeners answer each other's answers for ever. The emulator stops earlier.
MOST_ANSWERS = 8


def text_of(address):
    return ('[%s]:%d' if ':' in address[0] else '%s:%d') % address[:2]


class Listeners:
    def __init__(self, loop):
        self.loop = loop
        # What UDP sockets received, by the number that each datagram carries: a lost answer does not hide the arrival, and
        # the answer stays as short as the emulator's.
        self.arrived = {}
        # How often each number has been answered.
        self.answers = {}

    def open(self, namespace, protocol, address, port):
        """A socket of the machine on one address ('' is every address of IPv4, '::' of IPv6)."""
        family = socket.AF_INET6 if ':' in address else socket.AF_INET
        kind = socket.SOCK_STREAM if protocol == 'tcp' else socket.SOCK_DGRAM
        with namespace:
            listening = socket.socket(family, kind)
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            if protocol == 'udp' and family == socket.AF_INET6:
                listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVPKTINFO, 1)
            elif protocol == 'udp':
                listening.setsockopt(socket.SOL_IP, IP_PKTINFO, 1)
            listening.bind((address, port))
        listening.setblocking(False)
        if protocol == 'tcp':
            listening.listen(1024)
            self.loop.add(listening, select.EPOLLIN, lambda _: self._accept(namespace.name, listening))
        else:
            self.loop.add(listening, select.EPOLLIN, lambda _: self._receive(namespace.name, listening))

    def _accept(self, name, listening):
        while True:
            try:
                accepted, peer = listening.accept()
            except OSError:
                return
            try:
                accepted.send(json.dumps([name, text_of(peer), text_of(accepted.getsockname())]).encode())
            except OSError:
                pass
            accepted.close()

    def _receive(self, name, listening):
        while True:
            try:
                data, ancillary, _, peer = listening.recvmsg(65536, 256)
            except BlockingIOError:
                return
            except OSError:
                continue
            asked, source = answer_from(ancillary, peer)
            if len(data) >= 4:
                # The first: an answer that meets another listener carries the same number.
                number = struct.unpack('>I', data[:4])[0]
                self.arrived.setdefault(number, [name, text_of(peer), asked])
                self.answers[number] = self.answers.get(number, 0) + 1
                if self.answers[number] > MOST_ANSWERS:
                    continue
            try:
                listening.sendmsg([data[:4]], source, 0, peer)
            except OSError:
                pass


def answer_from(ancillary, peer):
    """The address that was asked, and what makes the answer come from it; the route chooses the device."""
    for level, kind, value in ancillary:
        # ipi_spec_dst of the answer is the address that was asked (struct in_pktinfo).
        if (level, kind) == (socket.SOL_IP, IP_PKTINFO):
            return socket.inet_ntoa(value[8:12]), [(level, kind, struct.pack('=I', 0) + value[8:12] + bytes(4))]
        if (level, kind) == (socket.IPPROTO_IPV6, IPV6_PKTINFO):
            # Only an address of the link needs its device (struct in6_pktinfo).
            of_link = value[0] == 0xfe and value[1] & 0xc0 == 0x80
            device = value[16:20] if of_link or len(peer) > 3 and peer[3] else bytes(4)
            return socket.inet_ntop(socket.AF_INET6, value[:16]), [(level, kind, value[:16] + device)]
    return '', []
