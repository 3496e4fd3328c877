/** `nettrace test` as it is called: exit codes, selection, reporters. */
import { describe, expect, it } from 'vitest';
import { run } from '../seeds/support.ts';

const SUITE = `suite: small
topology: [../topologies/calico-ipip/cluster.yaml, ../topologies/calico-ipip/workloads.yaml]
tests:
  - "pod1 -> svc2:80: delivered"
  - "pod1 -> pod2:81: delivered"
  - {name: "a <name> & \\"quotes\\" %0A::error", from: pod1, to: "pod2:81", expect: delivered, skip: "later # on"}
  - {from: pod1, to: "pod2:81", expect: delivered, expectFailure: nothing listens}
`;
const FILES = { 'test/small.nettest.yaml': SUITE };
const call = (...words: readonly string[]) => run(['test', 'test/small.nettest.yaml', ...words], FILES);

describe('nettrace test', () => {
  it('exits with 1 when a test fails, and shows the way and the command', async () => {
    const { code, stdout } = await call();
    expect(code).toBe(1);
    await expect(stdout).toMatchFileSnapshot('golden/test-pretty.txt');
  });

  it('exits with 0 when all pass', async () => {
    expect(await call('--grep', 'svc2')).toMatchObject({ code: 0, stderr: '' });
  });

  it.each(['json', 'junit', 'tap', 'github', 'sarif'])('reports as %s', async (reporter) => {
    const { code, stdout } = await call('-r', reporter);
    expect(code).toBe(1);
    await expect(stdout).toMatchFileSnapshot(`golden/test-${reporter}.txt`);
  });

  it('names the tests with --list', async () => {
    const { code, stdout } = await call('--list', '--grep', '/pod[12] -> (svc|pod)2/');
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout:
        'small: pod1 -> svc2:80: delivered  (test/small.nettest.yaml:4)\n' +
        'small: pod1 -> pod2:81: delivered  (test/small.nettest.yaml:5)\n' +
        'small: pod1 -> pod2:81  (test/small.nettest.yaml:7)\n',
    });
  });

  it('gives each test to one shard', async () => {
    const shards = await Promise.all(['1/3', '2/3', '3/3'].map((shard) => call('--list', '--shard', shard)));
    const whole = await call('--list');
    const lines = shards.flatMap(({ stdout }) => stdout.trimEnd().split('\n'));
    expect([...lines].sort()).toEqual(whole.stdout.trimEnd().split('\n').sort());
  });

  it.each<readonly [row: string, words: readonly string[], code: number, message: string]>([
    ['no tests', ['--grep', 'nothing'], 1, 'no tests were found'],
    ['an unknown reporter', ['-r', 'junitt'], 64, 'unknown reporter junitt (did you mean junit?)'],
    ['two reporters for one output', ['-r', 'tap', '-r', 'json'], 64, 'only one reporter can print'],
    ['a JSON report before a text of coverage', ['-r', 'json', '--coverage'], 64, 'as in -r json=FILE'],
    ['two documents of JSON', ['-r', 'json', '--coverage', 'json'], 64, 'as in -r json=FILE'],
    ['a JSON report before mutants', ['-r', 'json', '--mutate', '3'], 64, 'as in -r json=FILE'],
    ['a JUnit report before mutants', ['-r', 'junit', '--mutate', '2'], 64, 'as in -r junit=FILE'],
    ['a TAP report before a text of coverage', ['-r', 'tap', '--coverage'], 64, 'as in -r tap=FILE'],
    ['coverage in JSON behind the report', ['--coverage', 'json'], 64, 'as in --coverage json=FILE'],
    [
      'coverage in two forms',
      ['-r', 'json=out.json', '--coverage', 'text', '--coverage', 'json'],
      ...([64, 'as in --coverage json=FILE'] as const),
    ],
    ['a wrong number of mutants', ['--mutate', 'many'], 64, '--mutate many: write a number of mutants'],
    ['no mutants', ['--mutate', '0'], 64, '--mutate 0: write a number of mutants'],
    ['a percentage that is no number', ['--min-coverage', 'high'], 64, 'a percentage from 0 to 100'],
    ['a percentage above all', ['--min-coverage', '101'], 64, 'a percentage from 0 to 100'],
    ['a percentage below all', ['--min-coverage=-1'], 64, 'a percentage from 0 to 100'],
    ['one file for two reporters', ['-r', 'junit=a.xml', '-r', 'json=a.xml'], 64, 'a.xml is named for two reports'],
    ['one file for a report and coverage', ['-r', 'json=a', '--coverage', 'json=a'], 64, 'a is named for two reports'],
    ['a wrong shard', ['--shard', '4/3'], 64, 'write i/n'],
    ['a wrong pattern', ['--grep', '/(/'], 64, 'is no regular expression'],
    ['a wrong variable', ['--var', 'x'], 64, 'write NAME=VALUE'],
    ['a variable that no suite has', ['--var', 'PORT=81'], 64, '--var PORT: no suite has that variable'],
  ])('%s is an error', async (_, words, code, message) => {
    const ran = await call(...words);
    expect(ran).toMatchObject({ code, stdout: '' });
    expect(ran.stderr).toContain(message);
  });

  it.each<readonly [row: string, words: readonly string[]]>([
    ['texts one after the other', ['--coverage', '--mutate', '1']],
    ['the log of a job with annotations', ['-r', 'github', '--coverage']],
  ])('%s may be on standard output', async (_, words) => {
    expect(await call(...words)).toMatchObject({ code: 1, stderr: '' });
  });

  it('names the variable that is nearest to an unknown one', async () => {
    const asking = SUITE.replace('svc2:80', `svc2:\${PORT}`);
    const text = `variables: {PORT: "80"}\n${asking}`;
    const files = { 'test/small.nettest.yaml': text };
    const ran = await run(['test', 'test/small.nettest.yaml', '--var', 'POTR=81'], files);
    expect(ran).toMatchObject({ code: 64, stdout: '' });
    expect(ran.stderr).toContain('(did you mean PORT?)');
    expect(await run(['test', 'test/small.nettest.yaml', '--grep', 'svc2', '--var', 'PORT=80'], files)).toMatchObject({
      code: 0,
    });
  });

  it('tells all mistakes of all suites, and runs none', async () => {
    const files = { 'a.nettest.yaml': 'tests: ["a"]\n', 'b.nettest.yaml': 'tests: ["b"]\n' };
    const { code, stdout, stderr } = await run(['test', 'a.nettest.yaml', 'b.nettest.yaml'], files);
    expect({ code, stdout }).toEqual({ code: 65, stdout: '' });
    expect(stderr).toContain('a.nettest.yaml:1:9');
    expect(stderr).toContain('b.nettest.yaml:1:9');
  });

  it('says 66 of a suite that is not there', async () => {
    expect(await run(['test', 'nowhere.nettest.yaml'])).toMatchObject({ code: 66, stdout: '' });
  });
});
