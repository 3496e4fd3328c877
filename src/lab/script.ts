/** A plan as a shell script that people can read, change and run. Every name in it is quoted where it needs to be. */
import { CARRIER_SECONDS } from './build-calls.ts';
import { listenerPlaces } from './listener-places.ts';
import { LISTENER_PROGRAM } from './listener-program.ts';
import { NETNS_PREFIX } from './netns-names.ts';
import type { Arguments, LabMachine, LabPlan, WireEnd, WiringStep } from './plan.ts';
import { printScriptChecks } from './script-checks.ts';
import { hereDocument, shellLine, shellQuote } from './shell-quote.ts';
import { LOCK_FILE } from './state-file.ts';

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
    '',
    ...printScriptChecks(plan),
    '',
    '# iptables would wait for the lock that all namespaces share.',
    `export XTABLES_LOCKFILE=${LOCK_FILE}`,
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
  if (lines.length === 0) return [];
  return [
    '',
    '# Flags of bridge ports, once carriers are told of, and devices that are down',
    `sleep ${CARRIER_SECONDS}`,
    ...lines,
  ];
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
