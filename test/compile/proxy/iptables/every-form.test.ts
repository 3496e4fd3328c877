/** The whole rule set of a node for every form of a Service, as files; and what the other family does otherwise. */
import { describe, expect, it } from 'vitest';
import { OriginTable } from '../../../../src/compile/origin.ts';
import { iptablesProxy } from '../../../../src/compile/proxy/iptables/index.ts';
import { invariant } from '../../../../src/lib/assert.ts';
import { clusterOf } from '../../cluster-fixture.ts';
import { listing } from '../../listing.ts';
import { everyForm } from '../every-form.ts';

type Proxy = Parameters<typeof everyForm>[0];

function rules(family: 4 | 6, proxy: Proxy = {}, kubernetesVersion = '1.34'): readonly string[] {
  const input = everyForm(proxy);
  const cluster = clusterOf({ ...input, settings: { ...input.settings, kubernetesVersion } });
  const { iptables, ip6tables } = iptablesProxy.forCluster(cluster, new OriginTable()).node('node1');
  const spec = family === 4 ? iptables : ip6tables;
  invariant(spec !== undefined, 'the cluster has both families');
  return (['filter', 'nat'] as const).flatMap((table) => [`*${table}`, ...listing(spec, table)]);
}

const of = (lines: readonly string[], chain: string): readonly string[] =>
  lines.filter((line) => line.startsWith(`-A ${chain} `));

describe('every form of a Service', () => {
  it.each([4, 6] as const)('IPv%i', async (family) => {
    await expect(`${rules(family).join('\n')}\n`).toMatchFileSnapshot(`golden/every-form-ipv${family}.txt`);
  });

  it('has as many rules in both families but for what loopback needs', () => {
    const count = (family: 4 | 6): number => rules(family).length;
    // One source range more is of IPv4.
    expect(count(4) - count(6)).toBe(1);
  });

  it('never names an address of the other family', () => {
    expect(rules(4).filter((line) => /fd00:|2001:db8/.test(line))).toEqual([]);
    expect(rules(6).filter((line) => /\b(172\.30|192\.0\.2|198\.51|10\.180|203\.0\.113)\./.test(line))).toEqual([]);
  });
});

describe('counters of nfacct', () => {
  const DROP =
    '-A KUBE-FORWARD -m conntrack --ctstate INVALID -m nfacct --nfacct-name ct_state_invalid_dropped_pkts -j DROP';

  it('count what is dropped as INVALID, and NodePorts on 127.0.0.1 by a rule above each', () => {
    const lines = rules(4, { nfacct: true });
    expect(of(lines, 'KUBE-FORWARD')[0]).toBe(DROP);
    const ports = of(lines, 'KUBE-NODEPORTS').filter((line) => line.includes('30001'));
    expect(ports).toHaveLength(2);
    expect(ports[0]).toBe(
      ports[1]
        ?.replace('--dport', '-d 127.0.0.0/8 --dport')
        .replace(' -j', ' -m nfacct --nfacct-name localhost_nps_accepted_pkts -j'),
    );
  });

  it('know no NodePort on loopback in IPv6, nor where localhost has none', () => {
    expect(of(rules(6, { nfacct: true }), 'KUBE-FORWARD')[0]).toBe(DROP);
    expect(rules(6, { nfacct: true }).filter((line) => line.includes('localhost_nps'))).toEqual([]);
    const off = rules(4, { nfacct: true, localhostNodePorts: false });
    expect(off.filter((line) => line.includes('localhost_nps'))).toEqual([]);
  });

  it.each([
    ['1.30', 0, 0],
    ['1.31', 1, 0],
    ['1.32', 1, 16],
  ])('came with releases: %s', (version, invalid, localhost) => {
    const lines = rules(4, { nfacct: true }, version);
    expect(lines.filter((line) => line.includes('ct_state_invalid'))).toHaveLength(invalid);
    expect(lines.filter((line) => line.includes('localhost_nps'))).toHaveLength(localhost);
  });
});

describe('nodePortAddresses', () => {
  const tail = (family: 4 | 6, proxy: Proxy): readonly string[] =>
    of(rules(family, proxy), 'KUBE-SERVICES')
      .filter((line) => line.includes('this must be the last rule'))
      .map((line) => line.replace(/^.*this chain" /, ''));

  it('primary is the own address of each family, and turns loopback off', () => {
    const primary = { nodePortPrimary: true, nodePortAddresses: [] };
    expect(tail(4, primary)).toEqual(['-d 192.168.1.1 -j KUBE-NODEPORTS']);
    expect(tail(6, primary)).toEqual(['-d 2001:db8:9::1 -j KUBE-NODEPORTS']);
    const cluster = clusterOf(everyForm(primary));
    expect(iptablesProxy.forCluster(cluster, new OriginTable()).node('node1').sysctls).toEqual({});
  });

  it('the health check servers listen on the same addresses', () => {
    const ports = (proxy: Proxy) =>
      (iptablesProxy.forCluster(clusterOf(everyForm(proxy)), new OriginTable()).node('node1').listeners ?? [])
        .filter(({ port }) => port === 32000)
        .map(({ address }) => address);
    expect(ports({})).toEqual([undefined]);
    expect(ports({ nodePortPrimary: true })).toHaveLength(2);
  });
});
