"""Sockets that answer, and note whom they saw and which address was asked."""
import json
import select
import socket
import struct

IP_PKTINFO = 8


def text_of(address):
    return '%s:%d' % address[:2]


class Listeners:
    def __init__(self, loop):
        self.loop = loop
        # What UDP sockets received, by the number that each datagram carries: a lost answer does not hide the arrival, and
        # the answer stays as short as the emulator's.
        self.arrived = {}

    def open(self, namespace, protocol, address, port):
        """A socket of the machine on one address ('' is every address)."""
        kind = socket.SOCK_STREAM if protocol == 'tcp' else socket.SOCK_DGRAM
        with namespace:
            listening = socket.socket(socket.AF_INET, kind)
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if protocol == 'udp':
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
            # ipi_spec_dst of the answer is the address that was asked (struct in_pktinfo); the route chooses the device.
            asked = next((value[8:12] for level, kind, value in ancillary if (level, kind) == (socket.SOL_IP, IP_PKTINFO)), None)
            if len(data) >= 4:
                self.arrived[struct.unpack('>I', data[:4])[0]] = [name, text_of(peer), socket.inet_ntoa(asked) if asked else '']
            source = [(socket.SOL_IP, IP_PKTINFO, struct.pack('=I', 0) + asked + bytes(4))] if asked else []
            try:
                listening.sendmsg([data[:4]], source, 0, peer)
            except OSError:
                pass
