/** A plan as a shell script that people can read, change and run. Every name in it is quoted where it needs to be. */
import { listenerPlaces } from './listener-places.ts';
import { LISTENER_PROGRAM } from './listener-program.ts';
import { NETNS_PREFIX } from './netns-names.ts';
import type { Arguments, LabMachine, LabPlan, WireEnd, WiringStep } from './plan.ts';
import { hereDocument, shellLine, shellQuote } from './shell-quote.ts';

/** Builds every machine of the plan as a named network namespace (`ip netns`). */
export function printLabScript(plan: LabPlan): string {
  const netnsOf = new Map(plan.machines.map((machine) => [machine.name, machine.netns]));
  return [
    '#!/bin/sh',
    '# Builds the topology in network namespaces of this machine. Run it as root, or without root inside',
    '#   unshare --user --map-root-user --net --mount sh',
    `# Look around with: ip netns exec ${NETNS_PREFIX}MACHINE COMMAND. Remove it with: nettrace lab down`,
    'set -eu',
    'PATH=$PATH:/usr/sbin:/sbin',
    ...printChecks(plan),
    '',
    '# Names of namespaces live in /run/netns; a user namespace brings its own.',
    'mkdir -p /run/netns 2>/dev/null && [ -w /run/netns ] || mount -t tmpfs tmpfs /run',
    '# iptables would wait for the lock that all namespaces share.',
    'export XTABLES_LOCKFILE=/run/nettrace-xtables.lock',
    '',
    ...plan.machines.flatMap((machine) => printBirth(machine)),
    '',
    '# Wires and devices, in the order in which each machine lists them',
    ...plan.wiring.map((step) => printWiring(step, netnsOf)),
    ...plan.machines.filter((machine) => machine.role !== 'workshop').flatMap(printMachine),
    ...printLate(plan),
    ...printListeners(plan.machines),
    '',
  ].join('\n');
}

/** What the kernel lacks is said by name, all of it, before anything is built. */
function printChecks(plan: LabPlan): readonly string[] {
  const kinds = plan.needs.kinds.filter((kind) => kind !== 'vlan' && kind !== 'macvlan');
  const tools = [
    'ip',
    ...(plan.machines.some((machine) => machine.bridge.length > 0) ? ['bridge'] : []),
    ...(plan.machines.some((machine) => machine.iptables !== '') ? ['iptables-restore'] : []),
    ...(plan.machines.some((machine) => machine.ipset !== '') ? ['ipset'] : []),
    ...(plan.machines.some((machine) => machine.ipvs !== undefined) ? ['ipvsadm'] : []),
    ...(plan.machines.some((machine) => machine.nftables !== undefined) ? ['nft'] : []),
    ...(plan.machines.some((machine) => machine.listeners.length > 0) ? ['python3'] : []),
  ];
  const lines = [
    '',
    '# What this needs: nothing is built where something is missing',
    'missing=',
    `for tool in ${shellLine(tools)}; do command -v "$tool" >/dev/null || missing="$missing the-command-$tool"; done`,
    'probe=nettrace-probe-$$',
    'mkdir -p /run/netns 2>/dev/null && [ -w /run/netns ] || mount -t tmpfs tmpfs /run',
    'ip netns add "$probe"',
    `trap 'ip netns del "$probe" 2>/dev/null || true' EXIT`,
    'has() { ip -n "$probe" link add name probe0 type "$@" 2>/dev/null || { missing="$missing device-kind-$1"; return 0; }; ip -n "$probe" link del dev probe0; }',
    ...kinds.map((kind) => `has ${shellLine([kind, ...(KIND_WORDS[kind] ?? [])])}`),
    ...(plan.needs.bridgeNetfilter
      ? [
          'ip netns exec "$probe" test -e /proc/sys/net/bridge/bridge-nf-call-iptables || missing="$missing module-br_netfilter"',
        ]
      : []),
    // Listing loads ip_vs, and with it the settings net.ipv4.vs.*.
    ...(plan.machines.some((machine) => machine.ipvs !== undefined)
      ? ['ip netns exec "$probe" ipvsadm -Ln >/dev/null 2>&1 || missing="$missing ipvs"']
      : []),
    ...plan.needs.sets.map(
      (type) =>
        `ip netns exec "$probe" ipset create probe ${shellLine([type, ...(type === 'bitmap:port' ? ['range', '0-9'] : [])])} 2>/dev/null && ip netns exec "$probe" ipset destroy probe || missing="$missing ipset-type-${type}"`,
    ),
    '[ -z "$missing" ] || { echo "this machine lacks:$missing" >&2; exit 1; }',
    'ip netns del "$probe"',
    'trap - EXIT',
  ];
  return lines;
}

/** Words that `ip link add` wants behind a kind. */
const KIND_WORDS: Readonly<Record<string, readonly string[]>> = {
  vxlan: ['id', '1', 'dstport', '4789'],
  ipip: ['local', 'any', 'remote', 'any'],
  veth: ['peer', 'name', 'probe1'],
};

function inNetns(machine: LabMachine, tool: string): string {
  return tool === 'ip' || tool === 'bridge' ? `${tool} -n ${machine.netns}` : `ip netns exec ${machine.netns} ${tool}`;
}

function calls(machine: LabMachine, tool: 'ip' | 'bridge', lines: readonly Arguments[]): readonly string[] {
  return lines.map((words) => `${inNetns(machine, tool)} ${shellLine(words)}`);
}

function sysctls(machine: LabMachine, settings: LabMachine['sysctls']): readonly string[] {
  return settings.map(([path, value]) => `${inNetns(machine, 'sysctl')} -q -w ${shellQuote(`${path}=${value}`)}`);
}

function printBirth(machine: LabMachine): readonly string[] {
  return [`# ${oneLine(machine.name)}`, `ip netns add ${machine.netns}`, ...sysctls(machine, machine.birth)];
}

function printWiring(step: WiringStep, netnsOf: ReadonlyMap<string, string>): string {
  const name = (machine: string): string => netnsOf.get(machine) ?? machine;
  const end = ({ machine, device, mac, mtu }: WireEnd): readonly string[] => [
    ...['name', device, 'netns', name(machine)],
    ...(mac === undefined ? [] : ['address', mac]),
    ...(mtu === undefined ? [] : ['mtu', String(mtu)]),
  ];
  switch (step.do) {
    case 'pair':
      return `ip ${shellLine(['link', 'add', ...end(step.ends[0]), 'type', 'veth', 'peer', ...end(step.ends[1])])}`;
    case 'add':
      return `ip -n ${name(step.machine)} ${shellLine(step.arguments)}`;
    case 'move':
      return `ip -n ${name(step.machine)} ${shellLine(['link', 'set', 'dev', step.device, 'netns', name(step.to.machine), 'name', step.to.device])}`;
  }
}

function printMachine(machine: LabMachine): readonly string[] {
  return [
    '',
    `# ${oneLine(machine.name)}`,
    ...sysctls(machine, machine.sysctls),
    ...calls(machine, 'ip', machine.ip),
    ...calls(machine, 'bridge', machine.bridge),
    ...(machine.ipset === '' ? [] : [hereDocument(`${inNetns(machine, 'ipset')} restore`, machine.ipset)]),
    ...(machine.iptables === '' ? [] : [hereDocument(inNetns(machine, 'iptables-restore'), machine.iptables)]),
    ...(machine.ipvs === undefined ? [] : [hereDocument(`${inNetns(machine, 'ipvsadm')} -R`, machine.ipvs)]),
    ...(machine.ip6tables === '' ? [] : [hereDocument(inNetns(machine, 'ip6tables-restore'), machine.ip6tables)]),
    ...(machine.nftables === undefined ? [] : [hereDocument(`${inNetns(machine, 'nft')} -f -`, machine.nftables)]),
  ];
}

function printLate(plan: LabPlan): readonly string[] {
  const lines = plan.machines.flatMap((machine) => calls(machine, 'ip', machine.late));
  return lines.length === 0 ? [] : ['', '# Flags of bridge ports, and devices that are down', ...lines];
}

function printListeners(machines: readonly LabMachine[]): readonly string[] {
  const lines = machines.flatMap((machine) => {
    const places = listenerPlaces(machine.listeners);
    if (places.length === 0) return [];
    return [
      `${inNetns(machine, 'python3')} -c "$LISTEN" ${shellLine([machine.name, ...new Set(places)])} </dev/null >/dev/null 2>&1 &`,
    ];
  });
  if (lines.length === 0) return [];
  return [
    '',
    '# Sockets that answer with the name of their machine',
    hereDocument('LISTEN=$(cat', LISTENER_PROGRAM),
    ')',
    ...lines,
  ];
}

/** A name inside a comment must not end it. */
function oneLine(name: string): string {
  return name.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, '?');
}
