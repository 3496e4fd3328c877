/** One list of programs, for `lab up` and for the printed script: none of them may be missed half-way. */
import { expect, it } from 'vitest';
import { buildCalls, type Call, listenerCalls } from '../../src/lab/build-calls.ts';
import { neededTools } from '../../src/lab/need-calls.ts';
import type { LabMachine, LabPlan } from '../../src/lab/plan.ts';
import { printLabScript } from '../../src/lab/script.ts';

const BARE: LabMachine = {
  name: 'pc',
  netns: 'nettrace-pc',
  role: 'machine',
  devices: [],
  ipv6: false,
  birth: [['net/ipv4/ip_forward', '0']],
  sysctls: [],
  ip: [['link', 'set', 'dev', 'lo', 'up']],
  bridge: [],
  late: [],
  ipset: '',
  iptables: '',
  ip6tables: '',
  listeners: [],
};

function planOf(machine: Partial<LabMachine>): LabPlan {
  const needs = { kinds: [], sets: [], bridgeNetfilter: false };
  return { format: 'nettrace/lab/v1', needs, machines: [{ ...BARE, ...machine }], wiring: [] };
}

/** `ip netns exec NAME TOOL …` starts TOOL, too. */
function programsOf({ program, arguments: words }: Call): readonly string[] {
  return words[0] === 'netns' && words[1] === 'exec' ? [program, words[3] ?? ''] : [program];
}

it.each<readonly [string, Partial<LabMachine>, readonly string[]]>([
  ['nothing of its own', {}, []],
  ['an entry in a forwarding table', { bridge: [['fdb', 'append', '02:00:00:00:00:01', 'dev', 'v']] }, ['bridge']],
  ['rules for IPv4', { iptables: '*filter\nCOMMIT\n' }, ['iptables-restore']],
  ['rules for IPv6', { ip6tables: '*filter\nCOMMIT\n' }, ['ip6tables-restore']],
  ['a set', { ipset: 'create s hash:ip\n' }, ['ipset']],
  ['a virtual server', { ipvs: '-A -t 10.0.0.1:80 -s rr\n' }, ['ipvsadm']],
  ['a table of nftables', { nftables: 'table ip t {\n}\n' }, ['nft']],
  ['a listener', { listeners: [{ protocol: 'tcp', port: 80, address: '' }] }, ['python3']],
  ['a listener that no socket is opened for', { listeners: [{ protocol: 'sctp', port: 80, address: '' }] }, []],
])('a machine with %s takes the tools that are asked for, in calls and in the script', (_, machine, tools) => {
  const plan = planOf(machine);
  expect(neededTools(plan)).toEqual(['ip', 'sysctl', ...tools]);
  const started = [...buildCalls(plan), ...listenerCalls(plan)].flatMap(programsOf);
  expect(new Set(started)).toEqual(new Set(neededTools(plan)));
  expect(printLabScript(plan)).toContain(`for tool in ${neededTools(plan).join(' ')}; do`);
});
