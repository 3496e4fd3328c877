/** Usage, batches, gates, git revisions and Ctrl-C of the commands about policies. */
import { describe, expect, it } from 'vitest';
import { readGitInputs } from '../../src/cli/git-files.ts';
import type { Io, Ran } from '../../src/cli/io.ts';
import { runCli } from '../../src/cli/run-cli.ts';
import { run } from '../seeds/support.ts';

const TOPOLOGY = ['-f', 'topologies/calico-ipip'];
const POLICIES = 'topologies/calico-ipip/policies';

describe('wrong usage exits 64 and says what to write', () => {
  it.each([
    [['policy', 'a'], /SOURCE and DESTINATION are missing/],
    [
      ['policy', 'default/testpod1', 'liruilong-network-create/svc1:80', ...TOPOLOGY],
      /know no Services.*\n.*liruilong-network-create\/pod1/,
    ],
    [['policy', 'default/testpod1', 'default/testpod2:htt', ...TOPOLOGY], /no port named/],
    [['policy', 'default/testpd1', 'default/testpod2:80', ...TOPOLOGY], /did you mean/],
    [['policy', 'a', 'b', '-o', 'yaml'], /unknown output yaml/],
    [['policy', 'a', 'b', '--batch', '-'], /takes the place/],
    [['connectivity', '-o', 'jsn'], /did you mean json/],
    [['connectivity', ...TOPOLOGY, '--focus', 'pod11'], /no workload pod11 \(did you mean/],
    [['matrix', '--port', '80/icmp'], /expected 80/],
    [['matrix', ...TOPOLOGY, '-n', 'nowhere'], /no Pod runs in namespace nowhere/],
    [['matrix', ...TOPOLOGY, '--from', 'app='.repeat(2)], /no selector|selects no Pod/],
    [['matrix', ...TOPOLOGY, '--from', 'run=nobody'], /selects no Pod/],
    [['diff'], /BEFORE and AFTER are missing/],
    [['diff', 'a'], /AFTER is missing: nettrace diff a AFTER/],
    [['diff', 'a', 'b', '--fail-on', 'some'], /known: opened, closed, any/],
    [['diff', 'git:HEAD', 'b'], /expected git:REVISION:PATH/],
  ])('%j', async (argv, message) => {
    const ran = await run(argv);
    expect(ran.stderr).toMatch(message);
    expect(ran).toMatchObject({ code: 64, stdout: '' });
  });
});

describe('an input without Pods', () => {
  it('has no connections, and connectivity says why', async () => {
    const { code, stdout } = await run(['connectivity', '-f', 'empty.yaml'], { 'empty.yaml': '' });
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: 'No connections are allowed.\n\nNote: The input holds no Pods and no workloads that would make some\n',
    });
  });
});

describe('policy --batch', () => {
  it('answers in order, one JSON object a line, errors among them', async () => {
    const batch =
      'default/testpod1 default/testpod2:80\nnobody default/testpod2:80\n{"source":"default/testpod1","destination":"default/testpod2:53","protocol":"udp"}\n';
    const ran = await run(['policy', '--batch', '-', ...TOPOLOGY], { '-': batch });
    const answers = ran.stdout
      .trimEnd()
      .split('\n')
      .map((line): unknown => JSON.parse(line));
    expect(answers).toMatchObject([
      { schema: 'nettrace/policy/v1', verdict: 'allow', egress: { tiers: [], decidedBy: null } },
      { schema: 'nettrace/error/v1' },
      { schema: 'nettrace/policy/v1', verdict: 'allow', query: { protocol: 'udp', port: 53 } },
    ]);
    expect(ran.code).toBe(65);
  });
});

describe('diff --fail-on', () => {
  const OPENS = ['diff', `${POLICIES}/s68-default-deny-ingress.yaml`, `${POLICIES}/s64.yaml`, ...TOPOLOGY];
  const CLOSES = ['diff', `${POLICIES}/s64.yaml`, `${POLICIES}/s68-default-deny-ingress.yaml`, ...TOPOLOGY];
  const SAME = ['diff', `${POLICIES}/s64.yaml`, `${POLICIES}/s64.yaml`, ...TOPOLOGY];
  it.each([
    ['opened', OPENS, 1],
    ['closed', SAME, 0],
    ['closed', CLOSES, 1],
    ['any', OPENS, 1],
    ['any', SAME, 0],
  ] as const)('%s', async (gate, argv, code) => {
    expect((await run([...argv, '--fail-on', gate])).code).toBe(code);
  });
});

describe('git:REVISION:PATH', () => {
  /** A repository of one folder, and every word that git was called with. */
  function repository(): { readonly io: Io; readonly calls: string[][] } {
    const calls: string[][] = [];
    const tree = [
      '100644 blob aaa1\ta.yaml',
      '100644 blob bbb2\t--upload-pack=x;$(id).yml',
      '120000 blob ccc3\tlink.yaml',
      '040000 tree ddd4\tsub',
      '100644 blob eee5\tread.me',
    ].join('\x00');
    const answers: Readonly<Record<string, string>> = {
      'rev-parse --verify --quiet --end-of-options main^{tree}': 'fff0\n',
      'rev-parse --show-prefix': 'deep/\n',
      'ls-tree -z --full-tree fff0': '040000 tree fff1\tdeep\x00',
      'ls-tree -z --full-tree fff1': '040000 tree fff2\tpolicies\x00',
      'ls-tree -z --full-tree fff2': tree,
      'ls-tree -z --full-tree ddd4': '100644 blob abc6\tc.json\x00',
      'cat-file blob aaa1': 'a',
      'cat-file blob bbb2': 'b',
      'cat-file blob abc6': 'c',
    };
    const git = (words: readonly string[]): Ran => {
      calls.push([...words]);
      const stdout = answers[words.join(' ')];
      return stdout === undefined
        ? { status: 128, stdout: '', stderr: 'fatal: no' }
        : { status: 0, stdout, stderr: '' };
    };
    const none = (): never => expect.unreachable();
    const files = { kind: none, read: none, readStdin: none, list: none };
    const system = {
      ...{ platform: 'linux', uid: 0, start: none, attach: none, kill: none, writableFolder: none, names: none },
      ...{ heeding: none, readText: none, createText: none, replaceText: none, remove: none },
      run: (program: string, words: readonly string[]) => (program === 'git' ? git(words) : none()),
    };
    return { io: { stdout: none, stderr: none, env: {}, isTerminal: false, files, system }, calls };
  }

  it('reads the files of a folder below the working directory, and leaves links alone', () => {
    const { io } = repository();
    expect(readGitInputs('git:main:policies', false, io)).toEqual([
      { file: 'git:main:policies/a.yaml', text: 'a' },
      { file: 'git:main:policies/--upload-pack=x;$(id).yml', text: 'b' },
    ]);
    expect(readGitInputs('git:main:./policies/', true, io).map(({ text }) => text)).toEqual(['a', 'b', 'c']);
    expect(readGitInputs('git:main:policies/sub/../a.yaml', false, io)).toEqual([
      { file: 'git:main:policies/sub/../a.yaml', text: 'a' },
    ]);
  });

  it('never gives a name of a file to git', () => {
    const { io, calls } = repository();
    readGitInputs('git:main:policies', true, io);
    expect(calls.flat().filter((word) => word.includes('upload-pack'))).toEqual([]);
  });

  it.each(['git:other:policies', 'git:main:nothing', 'git:--output=x:policies'])('%s is not found', (spec) => {
    expect(() => readGitInputs(spec, false, repository().io)).toThrow(/git:|no such file/);
  });
});

describe('connectivity where the plugin enforces nothing', () => {
  const lab = (plugin: string): string => `apiVersion: nettrace/v1alpha1
kind: Cluster
metadata: {name: lab}
spec: {podCIDRs: [10.244.0.0/16], cni: {plugin: ${plugin}}, nodes: [{name: n1, address: 192.168.1.11/24}]}
---
apiVersion: v1
kind: Pod
metadata: {name: agent}
spec: {hostNetwork: true, nodeName: n1, containers: [{name: c, image: c}]}
`;

  it.each<readonly [plugin: string, told: boolean]>([
    ['calico', true],
    ['canal', true],
    ['flannel', false],
  ])('with %s tells of what Calico chooses: %s', async (plugin, told) => {
    const { code, stdout } = await run(['connectivity', '-f', 'lab.yaml'], { 'lab.yaml': lab(plugin) });
    expect(code).toBe(0);
    expect(stdout.includes("(plugin's choice: Calico)")).toBe(told);
  });
});

describe('matrix', () => {
  const WEB = `apiVersion: v1
kind: Pod
metadata: {name: web, namespace: a, labels: {app: web}}
spec: {containers: [{name: c, image: c, ports: [{containerPort: 8080}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: a}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}
---
apiVersion: v1
kind: Pod
metadata: {name: client, namespace: b}
spec: {containers: [{name: c, image: c}]}
`;

  it.each<readonly [row: string, to: readonly string[], column: string]>([
    ['the Pod where a name fits it and a Service: a matrix is about Pods', ['a/web'], 'a/web 8080'],
    ['the Service by its kind', ['a/svc/web'], 'a/svc/web 80'],
    ['the Pod of the namespace that is asked about', ['web', '-n', 'a'], 'a/web 8080'],
    ['the Pod by its kind', ['a/pod/web'], 'a/web 8080'],
    ['the Service once, however often it is named', ['a/svc/web', '--to', 'a/svc/web'], 'a/svc/web 80'],
    ['the Service and the Pod apart', ['a/svc/web', '--to', 'a/pod/web'], 'a/svc/web 80, a/web 8080'],
  ])('asks %s', async (_, to, column) => {
    const words = ['matrix', '-f', 'web.yaml', '--from', 'b/client', '--to', ...to, '-o', 'csv'];
    const { stdout, stderr } = await run(words, { 'web.yaml': WEB });
    const cells = stdout
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((line) => line.split(','));
    expect(`${stderr}${cells.map(([, destination, port]) => `${destination} ${port}`).join(', ')}`).toBe(column);
    expect(cells.map(([, , , verdict]) => verdict)).toEqual(cells.map(() => 'delivered'));
  });

  it('refuses a port that the Service does not have, though a Pod has its name', async () => {
    const words = ['matrix', '-f', 'web.yaml', '--from', 'b/client', '--to', 'a/svc/web:http'];
    expect(await run(words, { 'web.yaml': WEB })).toMatchObject({ code: 64, stdout: '' });
  });

  it('stops when asked to, and prints what there is', async () => {
    let asked = 0;
    let stdout = '';
    const progress: string[] = [];
    const source = `apiVersion: nettrace/v1alpha1
kind: Cluster
metadata: {name: lab}
spec: {nodes: [{name: n1, address: 192.168.1.11/24}]}
---
apiVersion: v1
kind: List
items:
  - {apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{name: c, image: c}]}}
  - {apiVersion: v1, kind: Pod, metadata: {name: b}, spec: {containers: [{name: c, image: c}]}}
`;
    const code = await runCli(['matrix', '-f', 'lab.yaml', '--port', '80'], {
      stdout: (text) => {
        stdout += text;
      },
      stderr: () => undefined,
      env: {},
      isTerminal: false,
      files: { kind: () => 'file', read: () => source, readStdin: () => '', list: () => [] },
      progress: (text) => void progress.push(text),
      interrupted: () => Promise.resolve(++asked > 3),
    });
    expect(code).toBe(3);
    expect(stdout).toContain('Stopped: 1 places were not asked.');
    expect(progress).toEqual(['0 of 4', '1 of 4', '2 of 4', '']);
  });
});

describe('connectivity', () => {
  it.each([
    ['json', (text: string) => JSON.parse(text).connections.length],
    ['csv', (text: string) => text.trim().split('\n').length - 1],
  ] as const)('stops when asked to, and -o %s is whole around what there is', async (form, countOf) => {
    const pods = Array.from({ length: 30 }, (_, i) => ({
      ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name: `p${i}`, labels: { n: `${i}` } } },
      spec: { containers: [{ name: 'c', image: 'c' }] },
    }));
    const cluster = {
      ...{ apiVersion: 'nettrace/v1alpha1', kind: 'Cluster', metadata: { name: 'lab' } },
      spec: { nodes: [{ name: 'n1', address: '192.168.1.11/24' }] },
    };
    const text = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [cluster, ...pods] });
    let [stdout, stderr, asked] = ['', '', 0];
    const progress: string[] = [];
    const io = {
      stdout: (part: string) => {
        stdout += part;
      },
      stderr: (part: string) => {
        stderr += part;
      },
      env: {},
      isTerminal: false,
      files: { kind: () => 'file' as const, read: () => text, readStdin: () => '', list: () => [] },
      progress: (part: string) => void progress.push(part),
    };
    const argv = ['connectivity', '-f', 'lab.json', '-o', form];
    expect(await runCli(argv, { ...io, interrupted: () => Promise.resolve(++asked > 1) })).toBe(3);
    const part = countOf(stdout);
    expect(part).toBeGreaterThan(250);
    expect(stderr).toContain(`stopped after ${part} connections`);
    expect(progress.at(-1)).toBe('');
    stdout = '';
    expect(await runCli(argv, io)).toBe(0);
    expect(countOf(stdout)).toBeGreaterThan(part);
  });
});
