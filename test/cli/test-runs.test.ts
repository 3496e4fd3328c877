/** `nettrace test` as a long run: stopped, watched, sharded, measured; what goes to which stream. */
import { describe, expect, it } from 'vitest';
import type { Io } from '../../src/cli/io.ts';
import { runCli } from '../../src/cli/run-cli.ts';
import { DB_POLICY, LAB } from '../suite/lab.ts';

const SUITE = `suite: shop
topology: lab.yaml
tests:
  - "shop/api -> shop/db:80: delivered"
  - "shop/web -> shop/db:80: blocked"
  - "shop/web -> shop/api:80: delivered"
`;
const FILES: Readonly<Record<string, string>> = {
  'tests/lab.yaml': `${LAB}---\n${DB_POLICY}`,
  'tests/shop.nettest.yaml': SUITE,
};

const MANY = `apiVersion: apps/v1
kind: Deployment
metadata: {name: many, namespace: shop}
spec: {replicas: 30, selector: {matchLabels: {app: many}}, template: {metadata: {labels: {app: many}}, spec: {containers: [{name: c, image: c}]}}}
`;
const EVERYBODY = `suite: everybody
topology: lab.yaml
tests:
  - "shop/* -> shop/*:80: delivered"
`;

type Session = {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly progress: readonly string[];
  readonly written: ReadonlyMap<string, string>;
  readonly watched: readonly string[];
};

type Options = {
  readonly files?: Readonly<Record<string, string>>;
  /** Asked so often, the run is interrupted. */
  readonly stopAfter?: number;
  /** What changes while it watches: each is one change. */
  readonly changes?: readonly Readonly<Record<string, string>>[];
};

const plain = (path: string): string => path.replace(/^\.\//, '');

async function call(
  words: readonly string[],
  { files = FILES, stopAfter, changes = [] }: Options = {},
): Promise<Session> {
  const held = new Map(Object.entries(files));
  const written = new Map<string, string>();
  const progress: string[] = [];
  const watched: string[] = [];
  let [stdout, stderr, asked] = ['', '', 0];
  const inside = (folder: string): readonly string[] => {
    const start = folder === '.' ? '' : `${folder}/`;
    const below = [...held.keys()].filter((path) => path.startsWith(start)).map((path) => path.slice(start.length));
    return [...new Set(below.map((path) => path.split('/')[0] ?? ''))].sort();
  };
  const io: Io = {
    stdout: (text) => {
      stdout += text;
    },
    stderr: (text) => {
      stderr += text;
    },
    env: {},
    isTerminal: false,
    files: {
      kind: (path) => (held.has(plain(path)) ? 'file' : inside(plain(path)).length > 0 ? 'directory' : undefined),
      read: (path) => held.get(plain(path)) ?? '',
      readStdin: () => '',
      list: inside,
    },
    writeFile: (path, text) => {
      written.set(path, text);
    },
    progress: (text) => {
      progress.push(text);
    },
    interrupted: async () => {
      asked++;
      return stopAfter !== undefined && asked > stopAfter;
    },
    watch: async (paths, changed) => {
      watched.push(...paths);
      for (const change of changes) {
        for (const [path, text] of Object.entries(change)) held.set(path, text);
        changed(Object.keys(change));
        // Runs are queued one behind the other: give this one its turn.
        for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => setImmediate(resolve));
      }
    },
  };
  const code = await runCli(['test', ...words], io);
  return { code, stdout, stderr, progress, written, watched };
}

describe('a run', () => {
  it('shows how far it is on standard error alone, and wipes that out', async () => {
    const { code, stdout, stderr, progress } = await call([]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(progress).toEqual(['0 of 3 tests', '1 of 3 tests', '2 of 3 tests', '']);
    expect(stdout).not.toContain('of 3 tests');
  });

  it.each(['pretty', 'json', 'junit', 'tap', 'github', 'sarif'])(
    'that is stopped is a failure: %s',
    async (reporter) => {
      const { code, stdout, progress } = await call(['-r', reporter], { stopAfter: 1 });
      expect(code).toBe(1);
      await expect(stdout).toMatchFileSnapshot(`golden/stopped-${reporter}.txt`);
      expect(progress.at(-1)).toBe('');
    },
  );

  it('is stopped in the middle of a long test', async () => {
    const files = { ...FILES, 'tests/lab.yaml': `${LAB}---\n${MANY}`, 'tests/shop.nettest.yaml': EVERYBODY };
    const { code, stdout } = await call(['-r', 'json'], { files, stopAfter: 2 });
    expect({ code, json: JSON.parse(stdout) }).toMatchObject({ code: 1, json: { passed: 0, failed: 0, unrun: 1 } });
  });

  it('speaks Chinese', async () => {
    const { stdout } = await call(['--lang', 'zh', '--coverage', 'text=coverage.txt'], { stopAfter: 2 });
    expect(stdout).toContain('2 通过，0 失败，0 跳过');
    expect(stdout).toContain('已停止：1 个测试没有运行');
  });

  it('writes several reports at once', async () => {
    const { code, stdout, written } = await call(['-r', 'tap', '-r', 'junit=a.xml', '-r', 'json=a=b.json']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^TAP version 14\n/);
    expect([...written.keys()]).toEqual(['a.xml', 'a=b.json']);
  });

  it('is the same in shards as in one', async () => {
    const whole = await call(['-r', 'json']);
    const parts = await Promise.all([1, 2].map((part) => call(['-r', 'json', '--shard', `${part}/2`])));
    const names = (text: string): readonly string[] =>
      [...text.matchAll(/"name": (".*")/g)].map(([, name = '']) => name);
    expect(parts.flatMap(({ stdout }) => names(stdout)).sort()).toEqual([...names(whole.stdout)].sort());
  });
});

describe('coverage', () => {
  it('without a form is text', async () => {
    const { code, stdout, stderr } = await call(['--coverage']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('Coverage of policies and Services: 50.0 %');
    expect(stdout).toContain('  NetworkPolicy shop/db ingress[1]  tests/lab.yaml:');
  });

  it('takes a form, and leaves suites alone', async () => {
    const { code, written } = await call(['tests', '--coverage', 'lcov=lcov.info', '--coverage=html=c.html']);
    expect(code).toBe(0);
    expect(written.get('lcov.info')).toContain('SF:tests/lab.yaml\n');
    expect(written.get('c.html')).toContain('<!doctype html>');
  });

  it('does not take the suites for forms', async () => {
    const { code, stdout } = await call(['-r', 'pretty=run.txt', '--coverage', 'json', 'tests', '--only-failures']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ percent: 50 });
  });

  it('of an unknown form is an error', async () => {
    expect(await call(['--coverage=xml'])).toMatchObject({ code: 64, stdout: '' });
  });

  it.each([
    [50, 0],
    [50.1, 1],
  ])('has to reach %d: exit %d', async (least, code) => {
    const ran = await call(['--min-coverage', String(least)]);
    expect(ran.code).toBe(code);
    expect(ran.stderr).toBe(code === 0 ? '' : 'nettrace: coverage is 50.0 %, less than 50.1 %\n');
  });
});

describe('mutation', () => {
  it('says which mutants no test noticed, and that is no failure', async () => {
    const { code, stdout, stderr, progress } = await call(['--mutate']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('Mutants: 8 of 12 noticed by a test');
    expect(stdout).toContain('  NetworkPolicy shop/db: spec.ingress[1] dropped  tests/lab.yaml:');
    expect(progress).toContain('12 mutants');
    expect(progress.at(-1)).toBe('');
  });

  it('makes as many as it is told', async () => {
    expect((await call(['--mutate', '3'])).stdout).toContain(' of 3 noticed by a test');
    expect(await call(['--mutate', 'x'])).toMatchObject({ code: 64 });
  });

  it('stops on Ctrl-C with what it has', async () => {
    const { code, stdout } = await call(['--mutate'], { stopAfter: 4 });
    expect(code).toBe(1);
    expect(stdout).toContain(' of 2 noticed by a test');
    expect(stdout).toContain('stopped: not all mutants were tried');
  });
});

describe('--watch', () => {
  const broken = { 'tests/shop.nettest.yaml': 'tests: 1\n' };
  const failing = { 'tests/shop.nettest.yaml': SUITE.replace('blocked', 'delivered') };

  it('runs again at each change, also behind a mistake', async () => {
    const { stdout, stderr, watched } = await call(['--watch'], { changes: [broken, failing] });
    expect(watched).toEqual(['tests/shop.nettest.yaml', 'tests/lab.yaml']);
    expect(stdout).toContain('3 passed, 0 failed');
    expect(stderr).toContain('tests/shop.nettest.yaml:1:8');
    expect(stdout.indexOf('2 passed, 1 failed')).toBeGreaterThan(stdout.indexOf('3 passed, 0 failed'));
  });
});

describe('--watch with several suites', () => {
  const files = {
    ...FILES,
    'tests/other.yaml': LAB,
    'tests/other.nettest.yaml': 'suite: other\ntopology: other.yaml\ntests: ["shop/web -> shop/api:80: delivered"]\n',
  };

  it('runs again the tests that the changed file feeds', async () => {
    const { stdout } = await call(['--watch'], { files, changes: [{ 'tests/other.yaml': LAB }] });
    const [first, second] = stdout.split('passed').map((part) => part.trim().split(/\s/).at(-1));
    expect([first, second]).toEqual(['4', '1']);
  });

  it('runs all of them again where coverage is asked for', async () => {
    const { stdout } = await call(['--watch', '--coverage'], { files, changes: [{ 'tests/other.yaml': LAB }] });
    expect([...stdout.matchAll(/(\d) passed/g)].map(([, count]) => count)).toEqual(['4', '4']);
  });
});

describe('test init', () => {
  it('names the topology from where the suite will stand, and the suite passes there', async () => {
    const { code, written, stdout } = await call(['init', 'suites/own/first.nettest.yaml', '-f', 'tests/lab.yaml']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    const text = written.get('suites/own/first.nettest.yaml') ?? '';
    expect(text).toContain('topology: ["../../tests/lab.yaml"]');
    const again = await call(['suites'], { files: { ...FILES, 'suites/own/first.nettest.yaml': text } });
    expect(again).toMatchObject({ code: 0, stderr: '' });
    expect(again.stdout).toContain('2 passed, 0 failed');
  });

  it('leaves out what both ways share', async () => {
    const { written } = await call(['init', './tests/deep/first.nettest.yaml', '-f', './tests/lab.yaml']);
    expect(written.get('./tests/deep/first.nettest.yaml')).toContain('topology: ["../lab.yaml"]');
  });

  it('writes no file that no run would find, and names a better one', async () => {
    const { code, written, stderr } = await call(['init', 'suites/first.yaml', '-f', 'tests/lab.yaml']);
    expect({ code, written: [...written.keys()] }).toEqual({ code: 64, written: [] });
    expect(stderr).toContain('suites/first.nettest.yaml');
  });

  it('writes over no file', async () => {
    expect(await call(['init', 'tests/shop.nettest.yaml', '-f', 'tests/lab.yaml'])).toMatchObject({ code: 64 });
  });
});

describe('suites', () => {
  it('are found at any depth, and not in hidden folders or node_modules', async () => {
    const files = {
      ...FILES,
      'tests/deep/er/more.nettest.yml': 'topology: ../../lab.yaml\ntests: ["shop/web -> shop/api:80: delivered"]\n',
      'node_modules/x/x.nettest.yaml': 'tests: 1\n',
      '.git/x.nettest.yaml': 'tests: 1\n',
    };
    const { code, stdout } = await call(['--list'], { files });
    expect(code).toBe(0);
    expect(stdout).toContain('tests/deep/er/more.nettest.yml:2');
    expect(stdout.trimEnd().split('\n')).toHaveLength(4);
  });
});
