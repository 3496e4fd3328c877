"""The counters that the nfacct match names; iptables-restore wants them there, and the tool that makes them is rare."""
import re
import socket
import struct

from namespace import LabError

NETLINK_NETFILTER = 12
NFNL_MSG_ACCT_NEW = 7 << 8 | 0
NLM_F_REQUEST, NLM_F_ACK, NLM_F_CREATE = 1, 4, 0x400
NFACCT_NAME = 1


def create_counters(namespace, rules):
    """One for each name in the text of iptables-save."""
    names = sorted(set(re.findall(r'--nfacct-name "?([^\s"]+)', rules)))
    if not names:
        return
    with namespace:
        asked = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER)
    with asked:
        for name in names:
            text = name.encode() + b'\0'
            attribute = struct.pack('=HH', 4 + len(text), NFACCT_NAME) + text + bytes(-len(text) % 4)
            body = struct.pack('=BBH', socket.AF_UNSPEC, 0, 0) + attribute
            flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE
            asked.send(struct.pack('=IHHII', 16 + len(body), NFNL_MSG_ACCT_NEW, flags, 1, 0) + body)
            code = struct.unpack_from('=i', asked.recv(4096), 16)[0]
            if code:
                raise LabError('%s: nfacct %s: error %d' % (namespace.name, name, -code))
