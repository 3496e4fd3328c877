"""A lab plan (src/lab/plan.ts, JSON) made real: namespaces, wires, addresses, rules."""
import itertools

from counters import create_counters
from namespace import Namespace, groups, run
from settle import settle

# What keeps the measurement quick and repeatable and is no part of the topology:
# icmp_ratemask=0 switches the limit of ICMP errors off (icmp_ratelimit=0 would starve ip_error(), which shares its bucket);
# the ping sockets of the prober need ping_group_range.
QUIET = [
    ('net/ipv4/ping_group_range', '0 0'),
    ('net/ipv4/icmp_ratemask', '0'),
]
# Type 127 alone, of which there is none: no error of ICMPv6 is limited.
QUIET6 = [('net/ipv6/icmp/ratemask', '127')]
# A neighbour that does not answer fails after 2 x 25 ms and not after 3 s; who answers for others does so within 10 ms and
# not within 0.8 s, but behind the owner.
NEIGHBOUR = [('retrans_time_ms', '25'), ('mcast_solicit', '2'), ('proxy_delay', '1')]


def build(plan):
    """All machines of the plan by name, configured. Listeners are the prober's."""
    machines = {machine['name']: Namespace(machine['name']) for machine in plan['machines']}
    try:
        for machine in plan['machines']:
            namespace = machines[machine['name']]
            namespace.write_sysctls(machine['birth'])
            namespace.write_sysctls(QUIET)
        wire(plan['wiring'], machines)
        for machine in plan['machines']:
            configure(machines[machine['name']], machine)
        settle(machines.values())
        if any(machine['late'] for machine in plan['machines']):
            for machine in plan['machines']:
                machines[machine['name']].batch('ip', machine['late'])
            settle(machines.values())
    except BaseException:
        for namespace in machines.values():
            namespace.close()
        raise
    return machines


def wire(steps, machines):
    """Devices in the order of the steps: it is the order in which each kernel lists them afterwards."""
    for inside, group in itertools.groupby(steps, key=lambda step: step.get('machine')):
        if inside is None:
            for batch in groups([link_line(step, machines) for step in group]):
                if len(batch) == 1:
                    run(['ip', *batch[0]])
                else:
                    run(['ip', '-batch', '-'], ''.join(' '.join(line) + '\n' for line in batch))
        else:
            machines[inside].batch('ip', [inner_line(step, machines) for step in group])


def inner_line(step, machines):
    if step['do'] == 'move':
        to = step['to']
        return ['link', 'set', 'dev', step['device'], 'netns', machines[to['machine']].path, 'name', to['device']]
    return step['arguments']


def link_line(step, machines):
    first, second = step['ends']

    def end(which):
        words = ['name', which['device'], 'netns', machines[which['machine']].path]
        if which.get('mac'):
            words += ['address', which['mac']]
        if which.get('mtu'):
            words += ['mtu', str(which['mtu'])]
        return words

    return ['link', 'add', *end(first), 'type', 'veth', 'peer', *end(second)]


def configure(namespace, machine):
    devices = machine['devices']
    families = ('ipv4', 'ipv6') if machine.get('ipv6') else ('ipv4',)
    neighbour = [('net/%s/neigh/%s/%s' % (family, device, key), value)
                 for family in families for device in devices for key, value in NEIGHBOUR]
    namespace.write_sysctls(neighbour, optional=True)
    if machine.get('ipv6'):
        namespace.write_sysctls(QUIET6)
    namespace.write_sysctls(machine['sysctls'])
    namespace.batch('ip', machine['ip'])
    if machine['bridge']:
        namespace.batch('bridge', machine['bridge'])
    load_rules(namespace, machine)


def load_rules(namespace, machine):
    if machine['ipset']:
        namespace.run(['ipset', 'restore'], machine['ipset'])
    create_counters(namespace, machine['iptables'] + machine['ip6tables'])
    if machine['iptables']:
        namespace.run(['iptables-legacy-restore'], machine['iptables'])
    if machine.get('ipvs'):
        namespace.run(['ipvsadm', '-R'], machine['ipvs'])
    if machine['ip6tables']:
        namespace.run(['ip6tables-legacy-restore'], machine['ip6tables'])
    if machine.get('nftables'):
        namespace.run(['nft', '-f', '-'], machine['nftables'])
