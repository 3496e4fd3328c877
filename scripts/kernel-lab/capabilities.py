"""What the running kernel and its tools can do, as JSON."""
import os
import shutil
import subprocess

from namespace import Namespace, LIBC  # noqa: F401

KINDS = {
    'veth': ['type', 'veth', 'peer', 'name', 'probe1'],
    'bridge': ['type', 'bridge'],
    'dummy': ['type', 'dummy'],
    'vxlan': ['type', 'vxlan', 'id', '1', 'dstport', '4789'],
    'ipip': ['type', 'ipip', 'local', 'any', 'remote', 'any'],
    'vlan': ['link', 'probe9', 'type', 'vlan', 'id', '5'],
    'macvlan': ['link', 'probe9', 'type', 'macvlan', 'mode', 'bridge'],
}
TOOLS = ['ip', 'bridge', 'iptables-legacy-restore', 'ip6tables-legacy-restore', 'ipset']
SET_TYPES = ['hash:ip', 'hash:net', 'hash:ip,port', 'hash:ip,port,ip', 'hash:ip,port,net', 'hash:net,port', 'hash:net,iface',
             'bitmap:port', 'list:set']


def succeeds(*arguments):
    return subprocess.run(arguments, capture_output=True, close_fds=False, check=False).returncode == 0


def capabilities():
    found = {'kernel': os.uname().release, 'uid': os.getuid(), 'tools': [tool for tool in TOOLS if shutil.which(tool)]}
    if 'ip' not in found['tools']:
        return {**found, 'missing': 'the tool ip (iproute2)'}
    try:
        namespace = Namespace('capabilities')
    except OSError as error:
        return {**found, 'missing': 'network namespaces (%s)' % error}
    missing = [tool for tool in TOOLS if tool not in found['tools']]
    with namespace:
        succeeds('ip', 'link', 'add', 'name', 'probe9', 'type', 'bridge')
        found['kinds'] = []
        for kind, words in KINDS.items():
            place = ['link', 'add'] + (words[:2] if words[0] == 'link' else []) + ['name', 'probe0'] + words[2 if words[0] == 'link' else 0:]
            if succeeds('ip', *place):
                found['kinds'].append(kind)
                succeeds('ip', 'link', 'del', 'dev', 'probe0')
        found['bridgeNetfilter'] = os.path.exists('/proc/sys/net/bridge/bridge-nf-call-iptables')
        if not missing:
            if not succeeds('iptables-legacy', '-t', 'nat', '-S'):
                missing.append('iptables-legacy in this kernel')
            found['tables'] = [table for table in ('raw', 'mangle', 'nat', 'filter', 'security') if succeeds('iptables-legacy', '-t', table, '-S')]
            found['trace'] = succeeds('iptables-legacy', '-t', 'raw', '-A', 'OUTPUT', '-j', 'TRACE')
            words = {'bitmap:port': ['range', '0-65535']}
            found['sets'] = [kind for kind in SET_TYPES if succeeds('ipset', 'create', 'probe-' + kind, kind, *words.get(kind, []))]
            if not found['sets']:
                missing.append('ipset in this kernel')
    namespace.close()
    for kind in ('veth', 'bridge'):
        if kind not in found['kinds']:
            missing.append('devices of kind ' + kind)
    return {**found, **({'missing': ', '.join(missing)} if missing else {})}
