import { describe, expect, it } from 'vitest';
import { COMMAND_NAMES } from '../../src/cli/command-names.ts';
import { COMMANDS } from '../../src/cli/commands.ts';
import type { Io } from '../../src/cli/io.ts';
import { runCli } from '../../src/cli/run-cli.ts';

const LAB = `apiVersion: nettrace/v1alpha1
kind: Host
metadata: {name: one}
spec: {interfaces: [{name: eth0, segment: lan, addresses: [192.168.0.1/24]}]}
---
apiVersion: nettrace/v1alpha1
kind: Host
metadata: {name: two}
spec: {interfaces: [{name: eth0, segment: lan, addresses: [192.168.0.2/24]}], listen: [80/tcp]}
`;

type Ran = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** Runs the command line with files of its own: a Map from path to text; folders are what paths imply. */
async function run(
  argv: readonly string[],
  more: { files?: Record<string, string>; stdin?: string; env?: Record<string, string>; terminal?: boolean } = {},
): Promise<Ran> {
  const files = new Map(Object.entries(more.files ?? { 'lab.yaml': LAB }));
  let stdout = '';
  let stderr = '';
  const io: Io = {
    stdout: (text) => {
      stdout += text;
    },
    stderr: (text) => {
      stderr += text;
    },
    env: more.env ?? {},
    isTerminal: more.terminal ?? false,
    files: {
      kind: (path) =>
        files.has(path)
          ? 'file'
          : [...files.keys()].some((file) => file.startsWith(`${path}/`))
            ? 'directory'
            : undefined,
      read: (path) => files.get(path) ?? '',
      readStdin: () => more.stdin ?? '',
      list: (path) => {
        const inside =
          path === '.'
            ? [...files.keys()]
            : [...files.keys()].flatMap((file) => (file.startsWith(`${path}/`) ? [file.slice(path.length + 1)] : []));
        return [...new Set(inside.map((file) => file.split('/')[0] ?? ''))].sort();
      },
    },
  };
  const code = await runCli(argv, io);
  return { code, stdout, stderr };
}

const F = ['-f', 'lab.yaml'];

describe('a trace', () => {
  it('that is delivered exits 0 and writes nothing to standard error', async () => {
    const ran = await run(['host/one', 'host/two:80', ...F]);
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(ran.stdout).toContain('DELIVERED');
  });

  it('is the same with the command named', async () => {
    expect(await run(['trace', 'host/one', 'host/two:80', ...F])).toEqual(await run(['host/one', 'host/two:80', ...F]));
  });

  it('that is refused exits 1', async () => {
    const ran = await run(['host/one', 'host/two:81', ...F, '-o', 'json']);
    expect(ran.code).toBe(1);
    expect(JSON.parse(ran.stdout)).toMatchObject({
      schema: 'nettrace/trace/v1',
      result: { verdict: 'rejected', code: 'SOCKET_NOT_LISTENING', symptom: 'refused' },
      paths: [{ answer: { kind: 'rst', from: '192.168.0.2' } }],
    });
  });

  it('prints one line with -q', async () => {
    const ran = await run(['host/one', 'host/two:80', ...F, '-q']);
    expect(ran.stdout.trimEnd().split('\n')).toHaveLength(1);
  });

  it('says more with -v and most with -vv', async () => {
    const lines = await Promise.all(
      [[], ['-v'], ['-vv']].map(
        async (flags) => (await run(['host/one', 'host/two:80', ...F, ...flags])).stdout.split('\n').length,
      ),
    );
    expect(lines[1]).toBeGreaterThan(lines[0] ?? 0);
    expect(lines[2]).toBeGreaterThanOrEqual(lines[1] ?? 0);
  });

  it('is printed in Chinese on demand', async () => {
    expect((await run(['host/one', 'host/two:80', ...F, '--lang', 'zh'])).stdout).toContain('客户端看到');
  });

  it('is coloured on a terminal only, and not with --no-color or NO_COLOR', async () => {
    const ask = ['host/one', 'host/two:80', ...F];
    expect((await run(ask, { terminal: true })).stdout).toContain('\u001b[');
    expect((await run(ask)).stdout).not.toContain('\u001b');
    expect((await run([...ask, '--no-color'], { terminal: true })).stdout).not.toContain('\u001b');
    expect((await run(ask, { terminal: true, env: { NO_COLOR: '1' } })).stdout).not.toContain('\u001b');
  });

  it('takes the last of an option given twice, and every -f', async () => {
    const [one = '', two = ''] = LAB.split('---\n');
    const ran = await run(['host/one', 'host/two:80', '-f', 'a.yaml', '-f', 'b.yaml', '-o', 'text', '-o', 'json'], {
      files: { 'a.yaml': one, 'b.yaml': two },
    });
    expect(ran.code).toBe(0);
    expect(ran.stdout.startsWith('{')).toBe(true);
  });
});

describe('input', () => {
  it.each([
    ['standard input', ['-f', '-'], { stdin: LAB }],
    ['a folder', ['-f', 'dir'], { files: { 'dir/a.yaml': LAB, 'dir/b.txt': 'no input' } }],
    ['sub-folders with -R', ['-R', '-f', 'dir'], { files: { 'dir/sub/a.yml': LAB } }],
    ['a file named twice', ['-f', 'lab.yaml', '-f', 'lab.yaml'], {}],
    ['a file named in two ways', ['-f', 'a.yaml', '-f', './a.yaml'], { files: { 'a.yaml': LAB, './a.yaml': LAB } }],
    ['a file and its folder', ['-f', 'dir/a.yaml', '-f', 'dir'], { files: { 'dir/a.yaml': LAB } }],
    ['NETTRACE_FILE', [], { env: { NETTRACE_FILE: 'lab.yaml' } }],
    ['nettrace.yaml here', [], { files: { 'nettrace.yaml': LAB } }],
    ['*.nettrace.yaml here', [], { files: { 'lab.nettrace.yaml': LAB } }],
  ] as const)('may be %s', async (_name, flags, more) => {
    expect((await run(['host/one', 'host/two:80', ...flags], more)).code).toBe(0);
  });

  it.each([
    ['a missing file', ['-f', 'nowhere.yaml'], {}, 66],
    ['a folder without files', ['-f', 'dir'], { files: { 'dir/sub/a.yml': LAB } }, 66],
    ['no file at all', [], { files: {} }, 66],
    ['broken YAML', ['-f', 'bad.yaml'], { files: { 'bad.yaml': 'a: [' } }, 65],
    ['an unknown field', ['-f', 'bad.yaml'], { files: { 'bad.yaml': LAB.replace('listen:', 'lisen:') } }, 65],
  ] as const)('%s is refused with nothing on standard output', async (_name, flags, more, code) => {
    const ran = await run(['host/one', 'host/two:80', ...flags], more);
    expect(ran).toMatchObject({ code, stdout: '' });
    expect(ran.stderr).not.toBe('');
  });

  it('an unknown field is told with its place and the nearest name', async () => {
    const { stderr } = await run(['validate', '-f', 'bad.yaml'], {
      files: { 'bad.yaml': LAB.replace('listen:', 'lisen:') },
    });
    expect(stderr).toMatch(/bad\.yaml:9:\d+: error: .*lisen/);
    expect(stderr).toContain('listen');
  });
});

describe('wrong usage exits 64 with nothing on standard output', () => {
  it.each([
    ['an unknown option', ['host/one', 'host/two:80', ...F, '--frobnicate'], 'frobnicate'],
    ['a missing destination', ['host/one', ...F], 'DESTINATION'],
    ['no arguments', [], 'SOURCE'],
    ['a command misspelt', ['shwo', ...F], 'show'],
    ['a command of a later version', ['serve', ...F], 'not in this version'],
    ['a format of a later version', ['host/one', 'host/two:80', ...F, '-o', 'svg'], 'not in this version'],
    ['an unknown format', ['host/one', 'host/two:80', ...F, '-o', 'jsno'], 'unknown output'],
    ['an unknown protocol', ['host/one', 'host/two:80', ...F, '-p', 'tpc'], 'unknown protocol'],
    ['an unknown name', ['host/one', 'host/twoo:80', ...F], 'host/two'],
    ['a missing port', ['host/one', 'host/two', ...F], 'port'],
    ['a backend that no path has', ['host/one', 'host/two:80', ...F, '--backend', 'x'], 'backend'],
    ['a port out of range', ['host/one', 'host/two:80', ...F, '--source-port', '70000'], 'source-port'],
    ['an unknown reason code', ['codes', 'POLICY_INGRESS_NO_MACH'], 'POLICY_INGRESS_NO_MATCH'],
    ['an unknown word to show', ['show', 'route', ...F], 'routes'],
    ['an unknown shell', ['completion', 'tcsh'], 'bash'],
    ['IPv6', ['host/one', 'host/two:80', ...F, '-6'], 'host/two has no IPv6 address'],
    ['a what-if question', ['host/one', 'host/two:80', ...F, '--what-if', 'x'], 'not in this version'],
    [
      'a seed where every branch is asked for',
      ['host/one', 'host/two:80', ...F, '--seed', '1', '--all-branches'],
      'together',
    ],
    ['a batch of all Pods', ['--batch', '-', ...F, '--all-pods'], 'together'],
    ['standard input twice', ['--batch', '-', '-f', '-'], 'standard input'],
  ] as const)('%s', async (_name, argv, words) => {
    const ran = await run([...argv]);
    expect(ran).toMatchObject({ code: 64, stdout: '' });
    expect(ran.stderr).toContain(words);
  });
});

const WORKLOAD = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {replicas: 2, selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: c, image: x, ports: [{containerPort: 80}]}]}}}
---
apiVersion: v1
kind: Pod
metadata: {name: db, labels: {app: db}}
spec: {containers: [{name: c, image: x, ports: [{containerPort: 5432}]}]}
status: {phase: Running, podIP: 10.244.0.200}
`;

/** Lets in the first of the two Pods only; Calico enforces it. */
const FIRST_ONLY = `---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: first}
spec: {podSelector: {matchLabels: {app: db}}, ingress: [{from: [{ipBlock: {cidr: FIRST/32}}]}]}
---
apiVersion: nettrace/v1alpha1
kind: Cluster
metadata: {name: lab}
spec: {cni: {plugin: calico}, nodes: [{name: n1, address: 192.168.0.11/24, interface: eth0, gateway: 192.168.0.1}]}
`;

describe('--all-pods', () => {
  const all = (text: string, ...more: readonly string[]): Promise<Ran> =>
    run(['deploy/web', 'db:5432', '--all-pods', '-f', 'w.yaml', ...more], { files: { 'w.yaml': text } });

  it('asks for every Pod of the workload, one verdict a line with -q', async () => {
    const ran = await all(WORKLOAD, '-q');
    expect(ran).toMatchObject({ code: 0 });
    expect(ran.stdout.trimEnd().split('\n')).toHaveLength(2);
  });

  it('gives one JSON trace a line, and is mixed where the Pods fare differently', async () => {
    const traces = (text: string): readonly string[] => text.trimEnd().split('\n');
    const first = traces((await all(WORKLOAD, '-o', 'json')).stdout).map(
      (line) => /"before":\{"src":"([^"]+)"/.exec(line)?.[1] ?? '',
    );
    expect(new Set(first).size).toBe(2);
    const cni = FIRST_ONLY.split('---\n').at(-1) ?? '';
    const sources = traces((await all(`${WORKLOAD}---\n${cni}`, '-o', 'json')).stdout).map(
      (line) => /"before":\{"src":"([^"]+)"/.exec(line)?.[1] ?? '',
    );
    const ran = await all(`${WORKLOAD}${FIRST_ONLY.replace('FIRST', sources[0] ?? '')}`, '-o', 'json');
    expect(ran.code).toBe(2);
    expect(traces(ran.stdout).map((line) => /"verdict":"(\w+)"/.exec(line)?.[1])).toEqual(['delivered', 'dropped']);
  });
});

describe('the same question', () => {
  it.each([['-o', 'json'], ['-o', 'tree'], ['-vv']])(
    'is answered with the same bytes twice (%s %s)',
    async (...flags) => {
      const ask = ['host/one', 'host/two:81', ...F, ...flags];
      expect(await run(ask)).toEqual(await run(ask));
    },
  );

  it('is one line of JSON with -q -o json', async () => {
    const { stdout } = await run(['host/one', 'host/two:80', ...F, '-q', '-o', 'json']);
    expect(stdout.trimEnd().split('\n')).toHaveLength(1);
    expect(JSON.parse(stdout)).toMatchObject({ schema: 'nettrace/trace/v1', result: { verdict: 'delivered' } });
  });
});

it('--lenient turns unknown fields into warnings', async () => {
  const ran = await run(['validate', '-f', 'bad.yaml', '--lenient'], {
    files: { 'bad.yaml': LAB.replace('listen:', 'lisen:') },
  });
  expect(ran.code).toBe(0);
  expect(ran.stderr).toMatch(/bad\.yaml:9:\d+: warning: .*lisen/);
});

describe('--batch', () => {
  it('answers each line in order, and a line that cannot be answered with an error', async () => {
    const stdin =
      'host/one host/two:80\n\n{"source":"host/one","destination":"host/two:81"}\nhost/nobody host/two:80\nhost/one host/two icmp\n';
    const ran = await run(['--batch', '-', ...F], { stdin });
    const lines = ran.stdout
      .trimEnd()
      .split('\n')
      .map((line): unknown => JSON.parse(line));
    expect(lines).toMatchObject([
      { schema: 'nettrace/trace/v1', result: { verdict: 'delivered' } },
      { schema: 'nettrace/trace/v1', result: { verdict: 'rejected' } },
      { schema: 'nettrace/error/v1', message: expect.stringContaining('nobody') },
      { schema: 'nettrace/trace/v1', result: { verdict: 'delivered' }, query: { port: null } },
    ]);
    expect(ran.code).toBe(65);
  });

  it('takes every key of the contract: ttl, sourcePort, namespace and protocol', async () => {
    const line = JSON.stringify({
      source: 'host/one',
      destination: 'host/two',
      protocol: 'icmp',
      sourcePort: 1234,
      namespace: 'default',
      ttl: 7,
    });
    const ran = await run(['--batch', '-', ...F], { stdin: `${line}\n` });
    const first = /"before":\{[^}]*"ttl":(\d+)/.exec(ran.stdout);
    expect({ code: ran.code, ttl: first?.[1] }).toEqual({ code: 0, ttl: '7' });
  });

  it('exits 0 when every line was answered', async () => {
    expect(
      (await run(['--batch', 'q.txt', ...F], { files: { 'lab.yaml': LAB, 'q.txt': 'host/one host/two:81' } })).code,
    ).toBe(0);
  });
});

describe('what stands on standard error', () => {
  it('begins with the place where a file is wrong, as editors and CI look for it', async () => {
    const ran = await run(['validate', '-f', 'bad.yaml'], {
      files: { 'bad.yaml': LAB.replace('listen:', 'lisen:') },
    });
    expect(ran.code).toBe(65);
    expect(ran.stderr).toMatch(/^bad\.yaml:9:\d+: error: /);
  });

  it('begins with the name of the program where no file is wrong', async () => {
    expect((await run(['show', 'nothing'])).stderr).toMatch(/^nettrace: show: unknown word nothing/);
    expect((await run(['host/nobody', 'host/two:80', ...F])).stderr).toMatch(/^nettrace: error: "host\/nobody"/);
  });
});

describe('validate', () => {
  const policy = (apiVersion: string, kind: string, spec: string) =>
    `---\napiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: ${kind.toLowerCase()}}\nspec: ${spec}\n`;

  it('counts policies of every API, one thing in the singular', async () => {
    const text = [
      policy('networking.k8s.io/v1', 'NetworkPolicy', '{podSelector: {}}'),
      policy('projectcalico.org/v3', 'NetworkPolicy', '{selector: all()}'),
      policy('projectcalico.org/v3', 'GlobalNetworkPolicy', '{selector: all()}').replace('globalnetworkpolicy', 'a'),
      policy('projectcalico.org/v3', 'GlobalNetworkPolicy', '{selector: all()}').replace('globalnetworkpolicy', 'b'),
    ].join('');
    const ran = await run(['validate', '-f', 'p.yaml'], { files: { 'p.yaml': text } });
    expect(ran.stdout).toBe('valid: 1 NetworkPolicy, 2 GlobalNetworkPolicies, 1 Calico NetworkPolicy\n');
  });
});

describe('other commands', () => {
  it('codes lists every code and explains one', async () => {
    expect((await run(['codes'])).stdout).toContain('ROUTE_BLACKHOLE');
    expect((await run(['codes', 'route-blackhole', '--lang', 'zh'])).stdout).toContain('黑洞');
  });

  it('show prints what the machine holds', async () => {
    expect((await run(['show', 'routes', 'host/one', ...F])).stdout).toBe(
      '192.168.0.0/24 dev eth0 proto kernel scope link src 192.168.0.1\n',
    );
  });

  it('completion prints a script for each shell', async () => {
    for (const shell of ['bash', 'zsh', 'fish'])
      expect((await run(['completion', shell])).stdout).toContain('interfaces');
  });

  it('--help shows examples, and --version a version', async () => {
    expect((await run(['--help'])).stdout).toContain('nettrace pod1 svc2:80');
    expect((await run(['show', '--help'])).stdout).toContain('interfaces');
    expect((await run(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

it('the names of commands are those of the list', () => {
  const listed = COMMANDS.flatMap(({ usage }) => usage).map((usage) => usage.split(' ')[0]);
  expect(listed.filter((name) => name !== '$0')).toEqual(expect.arrayContaining([...COMMAND_NAMES]));
  expect(COMMAND_NAMES).toEqual(expect.arrayContaining(listed.filter((name) => name !== '$0')));
});
