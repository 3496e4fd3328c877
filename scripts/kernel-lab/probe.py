"""Sends probes and says what their senders observed. One epoll loop runs clients, listeners and tracers."""
import ctypes
import errno
import itertools
import json
import select
import socket
import struct
import time

from namespace import LIBC

IP_TTL, IP_MTU_DISCOVER, IP_RECVERR, IP_RECVTTL = 2, 10, 11, 12
IP_PMTUDISC_DONT, IP_PMTUDISC_DO = 0, 2
SO_MARK = 36
TCP_INFO, TCP_ESTABLISHED, TCP_CLOSE_WAIT = 11, 1, 8
MSG_ERRQUEUE = 0x2000
SO_EE_ORIGIN_LOCAL, SO_EE_ORIGIN_ICMP = 1, 2
ICMP_REDIRECT = 5
ICMPV6_REDIRECT = 137
SO_EE_ORIGIN_ICMP6 = 3
IPV6_UNICAST_HOPS, IPV6_MTU_DISCOVER, IPV6_RECVERR, IPV6_RECVHOPLIMIT, IPV6_HOPLIMIT, IPV6_DONTFRAG = 16, 23, 25, 51, 52, 62
TRANSPORT_HEADER = 8  # UDP, or ICMP echo
DEFAULT_LENGTH = {'udp': 12, 'icmp': 64}  # without the IP header
IP_HEADER = {socket.AF_INET: 20, socket.AF_INET6: 40}
# What stays silent until its timeout is listened to until it is this old, while other probes go on: a late answer is an
# answer. An error about a neighbour that does not answer comes after 50 to 75 ms (build.py, NEIGHBOUR).
LATE = 0.25
# A connected TCP socket waits this long for the name of its server; the server's data is no part of the observation.
NAME_PATIENCE = 0.03


ARRIVAL = ('backend', 'seen', 'asked')


class Loop:
    def __init__(self):
        self.epoll = select.epoll()
        self.handlers = {}

    def add(self, thing, events, handler):
        self.handlers[thing.fileno()] = (thing, handler)
        self.epoll.register(thing.fileno(), events)

    def expect_input(self, thing):
        self.epoll.modify(thing.fileno(), select.EPOLLIN)

    def remove(self, thing):
        if self.handlers.pop(thing.fileno(), None):
            self.epoll.unregister(thing.fileno())

    def turn(self, seconds):
        for descriptor, events in self.epoll.poll(seconds):
            entry = self.handlers.get(descriptor)
            if entry:
                entry[1](events)

    def close(self):
        for thing, _ in self.handlers.values():
            thing.close()
        self.handlers = {}
        self.epoll.close()


class Prober:
    """Probes are dicts: machine, protocol, destination, dport, sport?, source?, ttl?, length?, dontFragment?, mark?, uid?, gid?, timeout?"""

    serial = itertools.count(1)

    def __init__(self, loop, machines, listeners):
        self.loop = loop
        self.machines = machines
        self.listeners = listeners
        self.live = {}
        self.late = {}

    def send(self, probes, timeout, width):
        """What each probe's sender observed, in the order of the probes; at most `width` are under way at once.

        A silence in the list may still become an answer: finish() says when none can.
        """
        observed = [None] * len(probes)
        waiting = iter(range(len(probes)))
        todo = True
        while todo or self.live:
            while todo and len(self.live) < width:
                index = next(waiting, None)
                if index is None:
                    todo = False
                else:
                    Attempt(self, probes[index], observed, index, timeout).start()
            if self.live:
                self.loop.turn(0.01)
            self._expire()
        self.loop.turn(0)
        return observed

    def finish(self):
        """Returns when the last silent probe is too old for an answer."""
        while self.late or self.live:
            self.loop.turn(0.01)
            self._expire()

    def _expire(self):
        now = time.monotonic()
        for attempt in list(self.live.values()):
            if now > attempt.deadline:
                if attempt.established:
                    attempt.finish({'kind': 'connected'})
                else:
                    attempt.wait_on()
        for attempt in list(self.late.values()):
            if now > attempt.end:
                attempt.finish({'kind': 'silence'})


class Attempt:
    def __init__(self, prober, probe, observed, index, timeout):
        self.prober = prober
        self.probe = probe
        self.observed = observed
        self.index = index
        self.number = next(Prober.serial)
        began = time.monotonic()
        self.deadline = began + probe.get('timeout', timeout)
        self.end = max(self.deadline, began + LATE)
        self.established = False
        self.socket = None
        self.family = socket.AF_INET6 if ':' in probe['destination'] else socket.AF_INET

    def start(self):
        try:
            self.socket = self._open()
            self.prober.live[self.number] = self
            self._transmit()
            self.prober.loop.add(self.socket, select.EPOLLIN | (select.EPOLLOUT if self.probe['protocol'] == 'tcp' else 0), self._on_event)
        except OSError as error:
            self.finish({'kind': 'errno', 'errno': errno.errorcode.get(error.errno, str(error.errno)), 'queued': self._queued()})

    def _open(self):
        probe = self.probe
        six = self.family == socket.AF_INET6
        echo = socket.IPPROTO_ICMPV6 if six else socket.IPPROTO_ICMP
        kind = {'tcp': (socket.SOCK_STREAM, 0), 'udp': (socket.SOCK_DGRAM, 0), 'icmp': (socket.SOCK_DGRAM, echo)}
        with self.prober.machines[probe['machine']]:
            # The credentials that xt_owner sees are those at the socket's creation (sk->sk_socket->file->f_cred).
            with credentials(probe.get('uid'), probe.get('gid')):
                opened = socket.socket(self.family, *kind[probe['protocol']])
        opened.setblocking(False)
        level = socket.IPPROTO_IPV6 if six else socket.SOL_IP
        opened.setsockopt(level, IPV6_RECVERR if six else IP_RECVERR, 1)
        opened.setsockopt(level, IPV6_RECVHOPLIMIT if six else IP_RECVTTL, 1)
        discover = IP_PMTUDISC_DO if probe.get('dontFragment', True) else IP_PMTUDISC_DONT
        opened.setsockopt(level, IPV6_MTU_DISCOVER if six else IP_MTU_DISCOVER, discover)
        if six and probe['protocol'] != 'tcp':
            opened.setsockopt(level, IPV6_DONTFRAG, int(probe.get('dontFragment', True)))
        if probe.get('ttl') is not None:
            opened.setsockopt(level, IPV6_UNICAST_HOPS if six else IP_TTL, probe['ttl'])
        if probe.get('mark'):
            opened.setsockopt(socket.SOL_SOCKET, SO_MARK, probe['mark'])
        if probe.get('source') or probe.get('sport'):
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                opened.bind((probe.get('source') or ('::' if six else '0.0.0.0'), probe.get('sport') or 0))
            except OSError:
                opened.close()
                raise
        return opened

    def _transmit(self):
        probe = self.probe
        if probe['protocol'] == 'tcp':
            try:
                self.socket.connect((probe['destination'], probe['dport']))
            except BlockingIOError:
                pass
            return
        header = IP_HEADER[self.family]
        filler = bytes(max(4, probe.get('length', DEFAULT_LENGTH[probe['protocol']] + header) - header - TRANSPORT_HEADER) - 4)
        payload = struct.pack('>I', self.number) + filler
        if probe['protocol'] == 'udp':
            self.socket.connect((probe['destination'], probe['dport']))
            self.socket.send(payload)
        else:
            self.socket.connect((probe['destination'], 0))
            request = 128 if self.family == socket.AF_INET6 else 8
            self.socket.send(struct.pack('>BBHHH', request, 0, 0, 0, 1) + payload)

    def wait_on(self):
        """Silent so far; the next probe need not wait for the end of it."""
        del self.prober.live[self.number]
        self.prober.late[self.number] = self

    def finish(self, observation):
        if self.socket is not None:
            self.prober.loop.remove(self.socket)
            self.socket.close()
        self.prober.live.pop(self.number, None)
        self.prober.late.pop(self.number, None)
        arrived = self.prober.listeners.arrived.pop(self.number, None)
        if arrived:
            observation['arrived'] = dict(zip(ARRIVAL, arrived))
        if observation.get('queued') is None:
            observation.pop('queued', None)
        self.observed[self.index] = observation

    def _queued(self):
        """The next entry of the socket's error queue (struct sock_extended_err), redirects left out."""
        if self.socket is None:
            return None
        while True:
            try:
                _, ancillary, _, _ = self.socket.recvmsg(2048, 512, MSG_ERRQUEUE)
            except OSError:
                return None
            entry = read_error(ancillary)
            if entry:
                return entry

    def _on_event(self, events):
        if events & (select.EPOLLERR | select.EPOLLHUP):
            queued = self._queued()
            code = self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if self._was_connected(code):
                return self.finish({'kind': 'connected'})
            if queued and queued['kind'] == 'icmp':
                return self.finish(queued)
            if code == errno.ECONNREFUSED:
                return self.finish({'kind': 'reset'})
            if code:
                return self.finish({'kind': 'errno', 'errno': errno.errorcode.get(code, str(code)), 'queued': queued})
        if events & select.EPOLLIN:
            self._read()
        elif events & select.EPOLLOUT and not self.established:
            self.established = True
            self.deadline = time.monotonic() + NAME_PATIENCE
            if self.prober.late.pop(self.number, None):
                self.prober.live[self.number] = self
            self.prober.loop.expect_input(self.socket)
        return None

    def _was_connected(self, code):
        """Whether the error met a later segment: the connection itself had been made."""
        if self.probe['protocol'] != 'tcp':
            return False
        # A reset in SYN-SENT is ECONNREFUSED; with IP_RECVERR an ICMP error leaves an established connection as it is.
        return self.established or code == errno.ECONNRESET or self.socket.getsockopt(socket.IPPROTO_TCP, TCP_INFO, 1)[0] in (TCP_ESTABLISHED, TCP_CLOSE_WAIT)

    def _read(self):
        try:
            data, ancillary, _, peer = self.socket.recvmsg(65536, 256)
        except BlockingIOError:
            return
        except OSError as error:
            self.finish({'kind': 'errno', 'errno': errno.errorcode.get(error.errno, str(error.errno))})
            return
        ttl = read_ttl(ancillary)
        answer = {'kind': 'connected'}
        if ttl is not None:
            answer['ttl'] = ttl
        if self.probe['protocol'] != 'tcp':
            answer['from'] = peer[0]
        elif data:
            answer['arrived'] = dict(zip(ARRIVAL, json.loads(data)))
        self.finish(answer)


def read_ttl(ancillary):
    kinds = ((socket.SOL_IP, IP_TTL), (socket.IPPROTO_IPV6, IPV6_HOPLIMIT))
    return next((struct.unpack('=i', value)[0] for level, kind, value in ancillary if (level, kind) in kinds), None)


def read_error(ancillary):
    """The entry of an error queue: struct sock_extended_err, then the address of who sent the error."""
    entry = None
    ttl = read_ttl(ancillary)
    for level, kind, value in ancillary:
        if (level, kind) in ((socket.SOL_IP, IP_RECVERR), (socket.IPPROTO_IPV6, IPV6_RECVERR)):
            code, origin, icmp_type, icmp_code, _, info = struct.unpack_from('=IBBBBI', value)
            four = origin == SO_EE_ORIGIN_ICMP and icmp_type != ICMP_REDIRECT
            six = origin == SO_EE_ORIGIN_ICMP6 and icmp_type != ICMPV6_REDIRECT
            if four or six:
                sender = socket.inet_ntoa(value[20:24]) if four else socket.inet_ntop(socket.AF_INET6, value[24:40])
                entry = {'kind': 'icmp', 'type': icmp_type, 'code': icmp_code, 'from': sender}
                if info:
                    entry['mtu'] = info
            elif origin == SO_EE_ORIGIN_LOCAL:
                entry = {'kind': 'errno', 'errno': errno.errorcode.get(code, str(code))}
    if entry and entry['kind'] == 'icmp' and ttl is not None:
        entry['ttl'] = ttl
    return entry


class credentials:
    """File-system uid and gid of the calling thread, which new files (sockets too) take over."""

    def __init__(self, uid, gid):
        self.uid = uid
        self.gid = gid

    def __enter__(self):
        if self.gid is not None:
            self.old_gid = LIBC.setfsgid(ctypes.c_uint(self.gid))
        if self.uid is not None:
            self.old_uid = LIBC.setfsuid(ctypes.c_uint(self.uid))

    def __exit__(self, *_):
        if self.uid is not None:
            LIBC.setfsuid(ctypes.c_uint(self.old_uid))
        if self.gid is not None:
            LIBC.setfsgid(ctypes.c_uint(self.old_gid))
