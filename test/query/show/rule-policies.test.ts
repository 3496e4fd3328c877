import { expect, test } from 'vitest';
import { sayIn } from '../../../src/query/show/policy-words.ts';
import { printRulePolicies } from '../../../src/query/show/rule-policies.ts';
import { loadTopology } from '../../../src/topology/load.ts';
import { readTopologyFiles } from '../../topologies/read-probes.ts';

function cluster(extra: readonly string[] = []) {
  const loaded = loadTopology(readTopologyFiles('calico-tiers', extra));
  if (!loaded.ok) throw new Error(loaded.issues.map(({ message }) => message).join('\n'));
  return loaded.value.cluster;
}

test('policies stand in the order in which they are asked, the staged ones behind them', () => {
  const titles = printRulePolicies(cluster(), sayIn('en')).map((text) =>
    text
      .split('\n')
      .slice(0, 2)
      .join('')
      .replace(/ {2}\S+\.yaml:\d+/, ''),
  );
  expect(titles).toEqual([
    'AdminNetworkPolicy cluster-wide  tier adminnetworkpolicy, order 10',
    'GlobalNetworkPolicy security.no-unwanted-destinations  tier security, order 10',
    'Calico NetworkPolicy pay/payments  tier default, order 100',
    'BaselineAdminNetworkPolicy default  tier baselineadminnetworkpolicy, order 0',
    'StagedNetworkPolicy shop/nobody  staged: it is not enforced',
  ]);
});

test('a rule is one line', () => {
  const found = printRulePolicies(cluster(['policies/host.yaml']), sayIn('en')).find((text) =>
    text.includes(' nodes '),
  );
  expect(found?.split('\n').slice(1)).toEqual([
    '  tier default, order 20',
    '  selects has(node)',
    '  ingress[0]: allow TCP from 192.168.26.100/32 to port 10250, 9000-9200',
    '  ingress[1]: deny UDP to port 53',
    '  egress[0]: allow TCP to not 192.168.26.200/32 no port of 80',
    '',
  ]);
});

test('of one Pod, only those that govern it', () => {
  const all = cluster();
  const pod = all.pod('lab', 'toy');
  expect(printRulePolicies(all, sayIn('en'), pod).map((text) => text.split(' ')[1])).toEqual([
    'cluster-wide',
    'security.no-unwanted-destinations',
  ]);
});
