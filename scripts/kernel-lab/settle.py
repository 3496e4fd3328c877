"""Waits until the kernel has acted on every change of carrier, and until every address of IPv6 can be used.

A device whose other end has just come up has a carrier, but passes nothing until linkwatch (a work queue) has activated
its queue and the bridge above it its port: net/core/link_watch.c linkwatch_do_dev(). What is not urgent waits there for up
to a second (linkwatch_nextevent); asking for one device by its number does it at once, on Linux 6.8 and later
(rtnl_getlink() calls linkwatch_sync_dev()).
"""
import socket
import struct
import time

RTM_GETLINK, RTM_NEWLINK, NLMSG_DONE = 18, 16, 3
NLM_F_REQUEST, NLM_F_DUMP = 1, 0x300
IFF_UP = 1
IFLA_IFNAME, IFLA_OPERSTATE, IFLA_CARRIER = 3, 16, 33
OPER_UNKNOWN, OPER_UP = 0, 6
IFA_F_TENTATIVE = 0x40
PATIENCE = 5


def settle(namespaces):
    """Returns when no device of these namespaces waits for linkwatch any more."""
    deadline = time.monotonic() + PATIENCE
    waiting = list(namespaces)
    while waiting:
        waiting = [namespace for namespace in waiting if pending(namespace)]
        if waiting:
            if time.monotonic() > deadline:
                raise OSError('the devices of %s do not come up' % ', '.join(namespace.name for namespace in waiting))
            time.sleep(0.002)
    time.sleep(0.001)


def pending(namespace):
    """Whether a device waits; each that does is asked for by its number."""
    with namespace:
        asked = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
        unready = tentative()
    with asked:
        waiting = [index for index, is_up, carrier, state in links(asked)
                   if is_up and bool(carrier) != (state in (OPER_UP, OPER_UNKNOWN))]
        for index in waiting:
            request(asked, 0, index)
            asked.recv(1 << 17)
    return unready or bool(waiting)


def tentative():
    """Whether an address waits for the work queue that ends its detection of duplicates (addrconf_dad_work())."""
    try:
        with open('/proc/thread-self/net/if_inet6', encoding='ascii') as file:
            return any(int(line.split()[4], 16) & IFA_F_TENTATIVE for line in file)
    except FileNotFoundError:
        return False


def request(asked, flags, index):
    asked.send(struct.pack('=IHHIIBxHiII', 32, RTM_GETLINK, NLM_F_REQUEST | flags, 1, 0, socket.AF_UNSPEC, 0, index, 0, 0))


def links(asked):
    """Number, whether it is up, carrier and operational state of every device."""
    request(asked, NLM_F_DUMP, 0)
    while True:
        message = asked.recv(1 << 17)
        offset = 0
        while offset + 16 <= len(message):
            length, kind = struct.unpack_from('=IH', message, offset)
            if kind == NLMSG_DONE:
                return
            if kind == RTM_NEWLINK:
                yield read_link(message[offset + 16:offset + length])
            offset += (length + 3) & ~3


def read_link(body):
    index, flags = struct.unpack_from('=iI', body, 4)
    carrier, state = 1, OPER_UP
    offset = 16
    while offset + 4 <= len(body):
        length, kind = struct.unpack_from('=HH', body, offset)
        if length < 4:
            break
        if kind == IFLA_OPERSTATE:
            state = body[offset + 4]
        if kind == IFLA_CARRIER:
            carrier = body[offset + 4]
        offset += (length + 3) & ~3
    return index, bool(flags & IFF_UP), carrier, state
