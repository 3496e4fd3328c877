/** `nettrace compare`: one question in several modes of kube-proxy. */
import { describe, expect, it } from 'vitest';
import { run } from '../../seeds/support.ts';

const FILES = ['-f', 'topologies/flannel-iptables'];

type Json = {
  readonly schema: string;
  readonly modes: readonly {
    readonly mode: string;
    readonly verdict: string;
    readonly backends: readonly { readonly ip: string; readonly share: number }[];
    readonly sourceSeen: readonly string[];
    readonly stats: { readonly rulesExamined: number };
  }[];
  readonly differences: readonly string[];
};

async function compare(...words: readonly string[]): Promise<{ readonly code: number; readonly json: Json }> {
  const { code, stdout } = await run(['compare', ...words, '-o', 'json', ...FILES]);
  const json: Json = JSON.parse(stdout);
  return { code, json };
}

describe('compare', () => {
  it('gives each mode its answer, in the order that was asked for', async () => {
    const { json } = await compare('shell', '10.110.57.234:8000', '--proxy', 'nftables,iptables');
    expect(json.schema).toBe('nettrace/compare/v1');
    expect(json.modes.map(({ mode }) => mode)).toEqual(['nftables', 'iptables']);
  });

  it('tells of iptables what a trace tells', async () => {
    const { code, json } = await compare('shell', '10.110.57.234:8000', '--proxy', 'iptables');
    expect(code).toBe(0);
    const [only] = json.modes;
    expect(only?.verdict).toBe('delivered');
    expect(only?.backends.map(({ ip, share }) => `${ip} ${share}`)).toEqual([
      '10.244.0.21 0.25',
      '10.244.1.14 0.25',
      '10.244.2.30 0.25',
      '10.244.2.31 0.25',
    ]);
    expect(only?.sourceSeen).toEqual(['10.244.1.20']);
    const traced = await run(['shell', '10.110.57.234:8000', '-o', 'json', ...FILES]);
    const trace: { readonly stats: { readonly rulesExamined: number } } = JSON.parse(traced.stdout);
    expect(only?.stats.rulesExamined).toBe(trace.stats.rulesExamined);
    expect(json.differences).toEqual([]);
  });

  it('takes a mode that is named twice once', async () => {
    const { json } = await compare('shell', '10.110.57.234:8000', '--proxy', 'iptables, iptables');
    expect(json.modes).toHaveLength(1);
  });

  it.each([
    ['an unknown mode', ['shell', 'mysql:3306', '--proxy', 'ipvz'], 'did you mean ipvs?'],
    ['a missing destination', ['shell'], 'DESTINATION'],
    ['a format that it has not', ['shell', 'mysql:3306', '-o', 'tree'], 'known: text, json'],
    ['a name that nobody has', ['nobody', 'mysql:3306', '--proxy', 'iptables'], 'nobody'],
  ])('refuses %s', async (_, words, message) => {
    const ran = await run(['compare', ...words, ...FILES]);
    expect(ran).toMatchObject({ code: 64, stdout: '' });
    expect(ran.stderr).toContain(message);
  });

  it('puts the modes side by side, why below, and in Chinese', async () => {
    const words = ['compare', 'shell', '10.110.57.234', '-p', 'icmp', '--proxy', 'iptables', ...FILES];
    const { stdout, code } = await run(words);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^Result +DROPPED$/m);
    expect(stdout).toMatch(/^Code +CLUSTER_IP_NO_ICMP$/m);
    expect(stdout).toMatch(/^ {2}iptables: 10\.110\.57\.234 is the ClusterIP of yuchao\/eladmin-api/m);
    expect((await run([...words, '--lang', 'zh'])).stdout).toMatch(/^代码 +CLUSTER_IP_NO_ICMP$/m);
  });
});
