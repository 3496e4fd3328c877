/** The printed script in a shell that has no real tools; test/kernel/lab-command.lab.ts runs it for real. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildCalls, listenerCalls } from '../../src/lab/build-calls.ts';
import type { LabMachine, LabPlan } from '../../src/lab/plan.ts';
import { printLabScript } from '../../src/lab/script.ts';

/** Patterns of the shell for commands that are not there and for calls that fail; files below /run; the map of user ids. */
type Machine = {
  readonly lacks?: string;
  readonly fails?: string;
  readonly there?: readonly string[];
  readonly map?: string;
};

/**
 * The script in a shell whose tools are functions that write down how they were called: what the shell itself would execute
 * is the danger. `/run` and the map of user ids are its own; `left` is what lies beside it afterwards.
 */
function runScript(
  plan: LabPlan,
  { lacks = 'none', fails = 'none', there = [], map = '0 0 4294967295' }: Machine = {},
) {
  const folder = mkdtempSync(path.join(tmpdir(), 'nettrace-lab-test-'));
  try {
    for (const file of there) {
      mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
      writeFileSync(path.join(folder, file), '');
    }
    writeFileSync(path.join(folder, 'uid_map'), map);
    const script = printLabScript(plan);
    expect(spawnSync('sh', ['-n'], { input: script, encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
    const tools = ['ip', 'bridge', 'mount', 'python3', 'sleep'].map(
      (tool) => `${tool}() { echo "${tool} $*" >>calls; case "$*" in ${fails}) return 1;; esac; }`,
    );
    const asked = ['id() { echo 0; }', `command() { case "$2" in ${lacks}) return 1;; esac; }`];
    const moved = script.replaceAll('/run', `${folder}/run`).replaceAll('/proc/self', folder);
    const input = [': >calls', ...tools, ...asked, moved].join('\n');
    const { status, stderr } = spawnSync('sh', ['-s'], { input, cwd: folder, encoding: 'utf8' });
    const calls = readFileSync(path.join(folder, 'calls'), 'utf8').replaceAll(folder, '').split('\n').slice(0, -1);
    return { status, stderr: stderr.replaceAll(folder, ''), calls, left: readdirSync(folder).sort() };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('a script that cannot build', () => {
  it('names every tool that is missing, and calls none', () => {
    const plan = hostilePlan('pc');
    expect(runScript(plan, { lacks: 'sysctl|iptables-restore' })).toMatchObject({
      status: 1,
      stderr: 'this machine lacks the command sysctl, the command iptables-restore\n',
      calls: [],
    });
  });

  it.each([
    ['the file of lab up', '/run/nettrace-lab.json'],
    ['a namespace that it would make', '/run/netns/nettrace-x'],
    ['a namespace of another lab', '/run/netns/nettrace-other'],
  ])('says that a lab is there where there is %s, and leaves it alone', (_, file) => {
    expect(runScript(hostilePlan('pc'), { there: [file] })).toMatchObject({
      status: 1,
      stderr: `there is a lab already: ${file} (nettrace lab down removes it)\n`,
      calls: [],
    });
  });

  it('builds beside namespaces of others, after a look at the kernel in one of its own', () => {
    const { status, calls } = runScript(hostilePlan('pc'), { there: ['/run/netns/somebody-else'] });
    expect(status).toBe(0);
    const inProbe = calls.map((call) => call.replaceAll(/probe-of-nettrace-\d+/g, 'PROBE'));
    expect(inProbe.slice(0, 5)).toEqual([
      'ip netns add PROBE',
      'ip -n PROBE link add name probe0 type veth peer name probe1',
      'ip -n PROBE link del dev probe0',
      'ip netns del PROBE',
      'ip netns add nettrace-x',
    ]);
  });
});

it('sets flags of bridge ports when the carriers have been told of, as lab up does', () => {
  const late = ['sleep 1.2', 'ip -n nettrace-x link set dev pc up'];
  expect(runScript(hostilePlan('pc')).calls.filter((call) => late.includes(call))).toEqual(late);
  const built = buildCalls(hostilePlan('pc')).map(({ program, arguments: words }) => [program, ...words].join(' '));
  expect(built.slice(-2)).toEqual(late);
});

it.each<readonly [string, string, string, readonly string[]]>([
  ['a writable /run as it is', '         0          0 4294967295\n', 'none', []],
  [
    'the /run of the root that made its user namespace',
    '0 0 1\n',
    '*remount*',
    ['-o remount /run', '-t tmpfs tmpfs /run'],
  ],
  ['a /run that was mounted in its user namespace', '0 0 1\n', 'none', ['-o remount /run']],
  ['the /run of a container whose root is nobody outside', '0 100000 65536\n', 'none', []],
])('the script finds %s', (_, map, fails, mounts) => {
  const { status, calls } = runScript(hostilePlan('pc'), { map, fails });
  expect(status).toBe(0);
  expect(calls.filter((call) => call.startsWith('mount')).map((call) => call.slice('mount '.length))).toEqual(mounts);
});

/** Names as they could come from a file made to harm. */
const HOSTILE = [
  '$(touch pwned)',
  '`touch pwned`',
  "'; touch pwned; '",
  'a\ntouch pwned\n',
  '-x',
  'x;touch pwned',
  '"$(touch pwned)"',
];

function hostilePlan(name: string): LabPlan {
  const birth = [['net/ipv4/ip_forward', name]] as const;
  const machine: LabMachine = {
    ...{
      name,
      netns: 'nettrace-x',
      role: 'machine',
      devices: [name],
      ipv6: false,
      birth,
      sysctls: birth,
      ip: [['link', 'add', 'name', name]],
    },
    ...{ bridge: [['fdb', 'append', name]], late: [['link', 'set', 'dev', name, 'up']], ip6tables: '' },
    ...{ ipset: `create ${name}\nEND\n`, iptables: `# ${name}\nEND\ntouch pwned\n` },
    listeners: [{ protocol: 'tcp', port: 80, address: name }],
  };
  const end = { machine: name, device: name };
  const needs = { kinds: ['veth'], sets: [], bridgeNetfilter: false };
  const wiring = [
    { do: 'pair', ends: [end, end] },
    { do: 'move', ...end, to: end },
  ] as const;
  return { format: 'nettrace/lab/v1', needs, machines: [machine], wiring };
}

describe('hostile names', () => {
  it.each(HOSTILE)('%j stays one word of the calls', (name) => {
    for (const call of [...buildCalls(hostilePlan(name)), ...listenerCalls(hostilePlan(name))]) {
      expect(['ip', 'bridge', 'sleep']).toContain(call.program);
      for (const word of call.arguments) if (word.includes('touch')) expect(word).toContain(name);
    }
  });

  it.each(HOSTILE)('%j executes nothing when the script runs with tools that do nothing', (name) => {
    expect(runScript(hostilePlan(name))).toMatchObject({ status: 0, stderr: '', left: ['calls', 'run', 'uid_map'] });
  });
});
