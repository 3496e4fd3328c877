/** What one Service brings to a node: virtual servers, members of sets, rules; each in the real tools' words. */
import { OriginTable } from '../../../../src/compile/origin.ts';
import { ipvsProxy } from '../../../../src/compile/proxy/ipvs/index.ts';
import { printIpvsSave } from '../../../../src/kernel/ipvs/print-ipvsadm.ts';
import { printIpsetSave } from '../../../../src/kernel/netfilter/ipset/save.ts';
import { type ClusterInput, clusterOf, endpoint, service, servicePort, slice } from '../../cluster-fixture.ts';
import { listing } from '../../listing.ts';

type Fields = Parameters<typeof service>[0];

export const LOCAL = endpoint('10.180.0.1', { node: 'node1' });
export const REMOTE = endpoint('10.180.2.1', { node: 'node2' });

/** Of ns1/svc1, port 80, with its endpoints. */
export function having(
  fields: Partial<Fields> = {},
  port: Parameters<typeof servicePort>[1] = {},
  endpoints = [LOCAL, REMOTE],
): ClusterInput {
  const of = service({ namespace: 'ns1', name: 'svc1', ports: [servicePort(80, { name: 'p80', ...port })], ...fields });
  return { services: [of], slices: [slice(of, endpoints)] };
}

export type Node = {
  readonly servers: readonly string[];
  /** `SET MEMBER` */
  readonly sets: readonly string[];
  readonly nat: readonly string[];
  readonly filter: readonly string[];
};

export function nodeOf(input: ClusterInput, family: 4 | 6 = 4): Node {
  const parts = ipvsProxy.forCluster(clusterOf(input), new OriginTable()).node('node1');
  const rules = family === 4 ? parts.iptables : parts.ip6tables;
  if (rules === undefined || parts.ipvs === undefined) throw new Error('no rules');
  const sets = (parts.ipsets ?? []).filter((set) => set.family === family);
  return {
    servers: lines(printIpvsSave(parts.ipvs())),
    sets: lines(printIpsetSave(sets)).flatMap((line) => (line.startsWith('add ') ? [line.slice('add '.length)] : [])),
    nat: listing(rules, 'nat'),
    filter: listing(rules, 'filter'),
  };
}

function lines(text: string): readonly string[] {
  return text.split('\n').filter((line) => line !== '');
}
