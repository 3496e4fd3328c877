/** The commands of a lab on a machine that only writes down what it is asked to do; test/kernel/lab-command.lab.ts uses a real one. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Io, Ran, System } from '../../src/cli/io.ts';
import { runCli } from '../../src/cli/run-cli.ts';

const FOLDER = path.join(import.meta.dirname, '../../topologies/docker-bridge');
const DOCKER_BRIDGE = Object.fromEntries(
  readdirSync(FOLDER)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => [name, readFileSync(path.join(FOLDER, name), 'utf8')]),
);

type Answer = (program: string, words: readonly string[]) => Partial<Ran> | undefined;

/** Namespaces are kept as `ip netns` would; every other program succeeds unless `answer` says otherwise. */
class PaperSystem implements System {
  readonly platform: string;
  uid: number | undefined;
  readonly calls: string[][] = [];
  readonly netnses = new Set<string>();
  readonly texts = new Map<string, string>();
  readonly killed: number[] = [];
  readonly #answer: Answer;

  constructor(answer: Answer = () => undefined, platform = 'linux', uid = 0) {
    this.#answer = answer;
    this.platform = platform;
    this.uid = uid;
  }

  run(program: string, words: readonly string[]): Ran {
    this.calls.push([program, ...words]);
    const given = this.#answer(program, words);
    if (given !== undefined) return { status: 0, stdout: '', stderr: '', ...given };
    const name = words[2] ?? '';
    if (words[0] === 'netns' && words[1] === 'add') this.netnses.add(name);
    if (words[0] === 'netns' && words[1] === 'del') this.netnses.delete(name);
    return { status: 0, stdout: '', stderr: '' };
  }
  start(program: string, words: readonly string[]): number {
    this.calls.push(['start', program, ...words]);
    return 100 + this.calls.length;
  }
  async attach(program: string, words: readonly string[]): Promise<number> {
    this.calls.push(['attach', program, ...words]);
    return 42;
  }
  /** How many times the work asks before somebody presses Ctrl-C. */
  patience = Number.POSITIVE_INFINITY;
  heeding<T>(work: (interrupted: () => Promise<boolean>) => Promise<T>): Promise<T> {
    return work(async () => --this.patience < 0);
  }
  kill(pid: number): void {
    this.killed.push(pid);
  }
  writable = true;
  writableFolder = (): boolean => this.writable;
  names = (): readonly string[] => [...this.netnses].sort();
  readText = (file: string): string | undefined => this.texts.get(file);
  createText(file: string, text: string): boolean {
    if (this.texts.has(file)) return false;
    this.texts.set(file, text);
    return true;
  }
  replaceText(file: string, text: string): void {
    this.texts.set(file, text);
  }
  remove(file: string): void {
    this.texts.delete(file);
  }
}

async function run(argv: readonly string[], system?: System, files: Readonly<Record<string, string>> = DOCKER_BRIDGE) {
  let stdout = '';
  let stderr = '';
  const io: Io = {
    stdout: (text) => {
      stdout += text;
    },
    stderr: (text) => {
      stderr += text;
    },
    env: { SHELL: '/bin/zsh' },
    isTerminal: false,
    files: {
      kind: (name) => (name === 'lab' ? 'directory' : name.slice(4) in files ? 'file' : undefined),
      read: (name) => files[name.slice(4)] ?? '',
      readStdin: () => '',
      list: () => Object.keys(files).sort(),
    },
    ...(system === undefined ? {} : { system }),
  };
  const code = await runCli(argv, io);
  return { code, stdout, stderr };
}

const F = ['-f', 'lab'];

async function standing(): Promise<PaperSystem> {
  const system = new PaperSystem();
  expect((await run(['lab', 'up', ...F], system)).code).toBe(0);
  system.calls.length = 0;
  return system;
}

describe('lab script', () => {
  it('prints a script that sh reads, needing no lab and no Linux', async () => {
    const { code, stdout, stderr } = await run(['lab', 'script', ...F]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(spawnSync('sh', ['-n'], { input: stdout, encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
    await expect(stdout).toMatchFileSnapshot('golden/lab-docker-bridge.sh');
  });

  it('prints the plan as JSON', async () => {
    const { stdout } = await run(['lab', 'script', '-o', 'json', ...F]);
    const plan = JSON.parse(stdout);
    expect(plan).toMatchObject({ format: 'nettrace/lab/v1', needs: { kinds: ['bridge', 'veth'] } });
    expect(plan.machines.map((machine: { name: string }) => machine.name)).toContain('container:web');
  });

  it.each([
    ['an unknown format', ['lab', 'script', '-o', 'xml', ...F], 64, 'unknown format xml'],
    ['a misspelt action', ['lab', 'scirpt', ...F], 64, 'did you mean script?'],
    ['further words', ['lab', 'script', 'docker1', ...F], 64, 'takes no further words'],
  ])('refuses %s', async (_, argv, code, words) => {
    const ran = await run(argv);
    expect(ran).toMatchObject({ code, stdout: '' });
    expect(ran.stderr).toContain(words);
  });

  it('needs --force for more than 200 machines', async () => {
    const host = (n: number): string =>
      `---\napiVersion: nettrace/v1alpha1\nkind: Host\nmetadata: {name: h${n}}\nspec: {interfaces: [{name: eth0, segment: lan, addresses: [10.0.${n >> 8}.${n & 255}/16]}]}\n`;
    const files = { 'many.yaml': Array.from({ length: 201 }, (_unused, n) => host(n + 1)).join('') };
    const refused = await run(['lab', 'script', ...F], undefined, files);
    expect(refused).toMatchObject({ code: 65, stdout: '' });
    expect(refused.stderr).toContain('201 machines are more than 200');
    expect((await run(['lab', 'script', '--force', ...F], undefined, files)).code).toBe(0);
  });
});

describe('lab up', () => {
  it('builds every namespace, starts the listeners and writes down both', async () => {
    const system = new PaperSystem();
    const { code, stdout } = await run(['lab', 'up', ...F], system);
    expect(code).toBe(0);
    expect(stdout).toContain('8 namespaces, 5 listening');
    expect([...system.netnses]).toContain('nettrace-container-web');
    const state = JSON.parse(system.texts.get('/run/nettrace-lab.json') ?? '');
    expect(state.listeners).toHaveLength(5);
    expect(state.machines).toContainEqual(['container:web', 'nettrace-container-web']);
  });

  it('says that a lab stands already, and leaves it alone', async () => {
    const system = await standing();
    const before = system.netnses.size;
    const { code, stderr } = await run(['lab', 'up', ...F], system);
    expect(code).toBe(65);
    expect(stderr).toContain('there is a lab already');
    expect(system.netnses.size).toBe(before);
  });

  it('that comes second of two at once does not look at the kernel, nor touch what the first builds', async () => {
    const system = new PaperSystem((program, words) => {
      // The first one makes its file after our look for it, and is looking at the kernel.
      if (program === 'ip' && words[0] === '--version') system.netnses.add('probe-of-nettrace');
      return undefined;
    });
    system.createText = () => false;
    const { code, stderr } = await run(['lab', 'up', ...F], system);
    expect(code).toBe(65);
    expect(stderr).toContain('another lab is being built');
    expect([...system.netnses]).toEqual(['probe-of-nettrace']);
    expect(system.calls.filter(([, word]) => word !== '--version')).toEqual([]);
  });

  it.each<readonly [string, string, boolean, readonly string[]]>([
    ['writable /run as it is', '         0          0 4294967295\n', false, []],
    [
      'writable /run of the root that made its user namespace',
      '0 0 1\n',
      false,
      ['-o remount /run', '-t tmpfs tmpfs /run'],
    ],
    ['writable /run that it mounted in its user namespace', '0 0 1\n', true, ['-o remount /run']],
    ['writable /run of a container whose root is nobody outside', '0 100000 65536\n', false, []],
  ])('finds a %s', async (_, map, remounts, mounts) => {
    const system = new PaperSystem((program, words) =>
      program === 'mount' && words[1] === 'remount' ? { status: remounts ? 0 : 32 } : undefined,
    );
    system.texts.set('/proc/self/uid_map', map);
    expect((await run(['lab', 'up', ...F], system)).code).toBe(0);
    expect(system.calls.filter(([program]) => program === 'mount').map(([, ...words]) => words.join(' '))).toEqual(
      mounts,
    );
  });

  it('names every device kind the kernel lacks before it builds anything', async () => {
    const system = new PaperSystem((_, words) =>
      words.includes('type') && (words.includes('bridge') || words.includes('veth'))
        ? { status: 2, stderr: 'Error: Unknown device type.' }
        : undefined,
    );
    const { code, stderr } = await run(['lab', 'up', ...F], system);
    expect(code).toBe(65);
    expect(stderr).toContain('this machine lacks devices of kind bridge, devices of kind veth');
    expect([...system.netnses]).toEqual([]);
    expect(system.texts.size).toBe(0);
  });

  it.each([
    ['another system', new PaperSystem(undefined, 'darwin'), 'lacks Linux'],
    ['a user that is not root', new PaperSystem(undefined, 'linux', 1000), 'unshare --user --map-root-user'],
    [
      'a machine without iptables and ipset',
      new PaperSystem((program) => (/^(iptables-restore|python3)$/.test(program) ? { status: undefined } : undefined)),
      'lacks the command iptables-restore, the command python3',
    ],
  ])('says what %s lacks, and builds nothing', async (_, system, words) => {
    const { code, stderr } = await run(['lab', 'up', ...F], system);
    expect(code).toBe(65);
    expect(stderr).toContain(words);
    expect([...system.netnses]).toEqual([]);
  });

  it('removes a half-built lab when a step fails, and says which', async () => {
    const system = new PaperSystem((program, words) =>
      program === 'ip' && words.includes('172.17.0.1/16') ? { status: 2, stderr: 'RTNETLINK answers: No' } : undefined,
    );
    const { code, stderr } = await run(['lab', 'up', ...F], system);
    expect(code).toBe(65);
    expect(stderr).toMatch(/could not be built: ip -n nettrace-docker1 addr add 172\.17\.0\.1\/16 .*: RTNETLINK/);
    expect([...system.netnses]).toEqual([]);
    expect(system.texts.size).toBe(0);
  });
});

describe('lab exec', () => {
  it.each([
    ['a host', 'laptop', 'nettrace-laptop'],
    ['a container by its plain name', 'client', 'nettrace-container-client'],
    ['a container with its kind', 'container/client', 'nettrace-container-client'],
    ['a namespace', 'nettrace-docker2', 'nettrace-docker2'],
  ])('finds %s, hands all words behind -- to the program and passes its status on', async (_, name, netns) => {
    const system = await standing();
    const words = ['ip', '--help', '-f', '-', '--version', '--', '$(touch x)'];
    expect((await run(['lab', 'exec', name, '--', ...words], system)).code).toBe(42);
    expect(system.calls).toEqual([['attach', 'ip', 'netns', 'exec', netns, ...words]]);
  });

  it("gives the user's shell where there is no command", async () => {
    const system = await standing();
    await run(['lab', 'exec', 'laptop'], system);
    expect(system.calls).toEqual([['attach', 'ip', 'netns', 'exec', 'nettrace-laptop', '/bin/zsh']]);
  });

  it('proposes a name for an unknown machine', async () => {
    const { code, stderr } = await run(['lab', 'exec', 'lapptop', '--', 'ls'], await standing());
    expect(code).toBe(64);
    expect(stderr).toContain('no machine lapptop (did you mean laptop?)');
  });

  it('without a lab says so', async () => {
    const { code, stderr } = await run(['lab', 'exec', 'laptop'], new PaperSystem());
    expect(code).toBe(66);
    expect(stderr).toContain('there is no lab here');
  });
});

describe('lab up that is interrupted', () => {
  it.each([0, 1, 7, 30])('after %i calls leaves no namespace and no file', async (calls) => {
    const system = new PaperSystem();
    system.patience = calls;
    const { code, stderr } = await run(['lab', 'up', ...F], system);
    expect(code).toBe(65);
    expect(stderr).toContain('interrupted: the lab is not built');
    expect([...system.netnses]).toEqual([]);
    expect(system.texts.size).toBe(0);
  });
});

describe('lab down', () => {
  it('also removes the namespace in which an up that was killed had asked the kernel', async () => {
    const system = new PaperSystem();
    system.netnses.add('probe-of-nettrace');
    system.netnses.add('probe-of-nettrace-4711');
    expect((await run(['lab', 'down'], system)).stdout).toBe('there is no lab here\n');
    expect([...system.netnses]).toEqual([]);
  });

  it.each<readonly [string, (system: PaperSystem) => void]>([
    [
      'a user that is not root',
      (system) => {
        system.uid = 1000;
      },
    ],
    [
      'the root of a user namespace to whom /run is not writable',
      (system) => {
        system.writable = false;
      },
    ],
  ])('tells %s which rights it takes, and touches nothing', async (_, become) => {
    const system = await standing();
    become(system);
    const before = [...system.netnses];
    const { code, stderr } = await run(['lab', 'down'], system);
    expect(code).toBe(65);
    expect(stderr).toContain('lacks the rights of root over the lab: use sudo');
    expect({ calls: system.calls, netnses: [...system.netnses] }).toEqual({ calls: [], netnses: before });
    expect(system.texts.size).toBe(1);
  });

  it('tells a user that is not root that there is no lab', async () => {
    const ran = await run(['lab', 'down'], new PaperSystem(undefined, 'linux', 1000));
    expect(ran).toMatchObject({ code: 0, stdout: 'there is no lab here\n' });
  });

  it('names the namespaces that did not go', async () => {
    const system = new PaperSystem((_, words) =>
      words[1] === 'del' && words[2] === 'nettrace-laptop' ? { status: 1, stderr: 'Cannot remove' } : undefined,
    );
    await run(['lab', 'up', ...F], system);
    const { code, stderr } = await run(['lab', 'down'], system);
    expect(code).toBe(65);
    expect(stderr).toContain('these namespaces cannot be removed: nettrace-laptop');
  });

  it('ends the processes of the lab, removes its namespaces and files and no others, and may be asked twice', async () => {
    const system = new PaperSystem((_, words) =>
      words[1] === 'pids' && words[2] === 'nettrace-laptop' ? { stdout: '77\n78\n' } : undefined,
    );
    await run(['lab', 'up', ...F], system);
    system.netnses.add('somebody-else');
    expect((await run(['lab', 'down'], system)).stdout).toBe('removed 8 namespaces\n');
    expect([...system.netnses]).toEqual(['somebody-else']);
    expect(new Set(system.killed)).toEqual(new Set([77, 78]));
    expect(system.texts.size).toBe(0);
    expect(await run(['lab', 'down'], system)).toMatchObject({ code: 0, stdout: 'there is no lab here\n' });
  });
});
