import { expect, test } from 'vitest';
import type { Pod } from '../../../src/cluster/objects.ts';
import { policiesSelecting } from '../../../src/compile/cni/calico/policies-selecting.ts';
import { printPolicies } from '../../../src/query/show/policies.ts';
import { loadTopology } from '../../../src/topology/load.ts';
import { readTopologyFiles } from '../../topologies/read-probes.ts';

type Cluster = ReturnType<typeof cluster>;

function cluster(extra: readonly string[] = []) {
  const loaded = loadTopology(readTopologyFiles('calico-tiers', extra));
  if (!loaded.ok) throw new Error(loaded.issues.map(({ message }) => message).join('\n'));
  return loaded.value.cluster;
}

/** Each policy a text. */
function shown(of: Cluster, only?: Pod): readonly string[] {
  const selects = ({ name }: { readonly name: string }, pod: Pod): boolean =>
    policiesSelecting(of, pod, 'ingress').some((policy) => policy.name === name);
  return printPolicies(of, selects, 'en', only).split('\n\n');
}

test('policies stand by namespace, then in the order in which they are asked, the staged ones behind them', () => {
  const titles = shown(cluster()).map((text) =>
    text
      .split('\n')
      .slice(0, 2)
      .join('')
      .replace(/ {2}\S+\.yaml:\d+/, ''),
  );
  expect(titles).toEqual([
    'AdminNetworkPolicy cluster-wide  tier adminnetworkpolicy, order 10',
    'GlobalNetworkPolicy security.no-unwanted-destinations  tier security, order 10',
    'BaselineAdminNetworkPolicy default  tier baselineadminnetworkpolicy, order 0',
    'Calico NetworkPolicy pay/payments  tier default, order 100',
    'StagedNetworkPolicy shop/nobody  staged: it is not enforced',
  ]);
});

test('a rule is one line', () => {
  const found = shown(cluster(['policies/host.yaml'])).find((text) => text.includes(' nodes '));
  expect(found?.split('\n').slice(1)).toEqual([
    '  tier default, order 20',
    '  selects has(node)',
    '  ingress[0]: allow TCP from 192.168.26.100/32 to port 10250, 9000-9200',
    '  ingress[1]: deny UDP to port 53',
    '  egress[0]: allow TCP to not 192.168.26.200/32 no port of 80',
  ]);
});

test('of one Pod, only those that govern it', () => {
  const all = cluster();
  expect(shown(all, all.pod('lab', 'toy')).map((text) => text.split(' ')[1])).toEqual([
    'cluster-wide',
    'security.no-unwanted-destinations',
  ]);
});

test('policies of one namespace stand by tier, order and name, whatever their API', () => {
  const kubernetes = (namespace: string, name: string) =>
    `{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: ${name}, namespace: ${namespace}}, spec: {podSelector: {}}}`;
  const calico = (namespace: string, name: string, order: number) =>
    `{apiVersion: projectcalico.org/v3, kind: NetworkPolicy, metadata: {name: ${name}, namespace: ${namespace}}, spec: {order: ${order}, selector: all()}}`;
  const text = [
    '{apiVersion: nettrace/v1alpha1, kind: Cluster, metadata: {name: lab}, spec: {nodes: [{name: n1, address: 192.168.1.11/24}]}}',
    ...[calico('b', 'late', 2000), kubernetes('b', 'y'), kubernetes('b', 'x'), calico('b', 'early', 10)],
    ...[
      kubernetes('a', 'z'),
      '{apiVersion: projectcalico.org/v3, kind: GlobalNetworkPolicy, metadata: {name: all}, spec: {}}',
    ],
  ].join('\n---\n');
  const loaded = loadTopology([{ file: 'lab.yaml', text }], {});
  if (!loaded.ok) throw new Error('the input is valid');
  expect(shown(loaded.value.cluster).map((each) => /^(.*) {2}lab/.exec(each)?.[1])).toEqual([
    'GlobalNetworkPolicy all',
    'a/z',
    'Calico NetworkPolicy b/early',
    'b/x',
    'b/y',
    'Calico NetworkPolicy b/late',
  ]);
});
