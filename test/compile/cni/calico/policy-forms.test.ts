/** Every field of a rule in iptables' words: the rows of felix/rules/policy_test.go, from manifests. */
import { describe, expect, test } from 'vitest';
import { action } from '../../../../src/compile/cni/calico/felix-rule.ts';
import { type RenderContext, renderRule } from '../../../../src/compile/cni/calico/policy-rules.ts';
import { policyBook } from '../../../../src/compile/cni/calico/tiers.ts';
import { calicoVersion } from '../../../../src/compile/cni/calico/version.ts';
import { OriginTable } from '../../../../src/compile/origin.ts';
import { clusterWith, nodeParts, savedRules } from './manifests.ts';

const global = (rule: string): string =>
  `apiVersion: projectcalico.org/v3\nkind: GlobalNetworkPolicy\nmetadata: {name: p}\nspec: {types: [Ingress], ingress: [${rule}]}\n`;
const namespaced = (rule: string): string =>
  `apiVersion: projectcalico.org/v3\nkind: NetworkPolicy\nmetadata: {name: p, namespace: shop}\nspec: {types: [Ingress], ingress: [${rule}]}\n`;

const LABEL = '-m comment --comment "Policy default.p ingress"';
const ACCEPT = '-j MARK --set-xmark 0x10000/0x10000';
const PASSED = '-m mark --mark 0x80000/0x80000';
const BLOCK = '-j MARK --set-xmark 0x80000/0x80000';
const RESET = '-j MARK --set-xmark 0x0/0x180000';

/** Rules of the policy's chain, its label and trailing parts as they are. */
function rules(manifests: string, version = '3.31'): readonly string[] {
  return savedRules(clusterWith(manifests, version), 'filter', /^-A cali-pi-/).map((line) =>
    line.replace(/-m comment --comment "(Policy|GlobalNetworkPolicy|NetworkPolicy) \S+ ingress" /, '').trim(),
  );
}

describe('a rule with', () => {
  test.each<[string, string, readonly string[]]>([
    ['nothing', '{action: Allow}', [ACCEPT]],
    ['a protocol by name', '{action: Allow, protocol: UDPLite}', [`-p udplite ${ACCEPT}`]],
    ['a protocol by number', '{action: Allow, protocol: 8}', [`-p egp ${ACCEPT}`]],
    ['another protocol than one', '{action: Allow, notProtocol: TCP}', [`! -p tcp ${ACCEPT}`]],
    ['one source network', '{action: Allow, source: {nets: [10.0.0.0/16]}}', [`-s 10.0.0.0/16 ${ACCEPT}`]],
    [
      'several networks on both sides: two blocks that must both match',
      '{action: Allow, source: {nets: [10.0.0.0/16, 11.0.0.0/16]}, destination: {nets: [12.0.0.0/16, 13.0.0.0/16]}}',
      [
        RESET,
        `-s 10.0.0.0/16 ${BLOCK}`,
        `-s 11.0.0.0/16 ${BLOCK}`,
        '-d 12.0.0.0/16 -j MARK --set-xmark 0x100000/0x100000',
        '-d 13.0.0.0/16 -j MARK --set-xmark 0x100000/0x100000',
        '-m mark --mark 0x0/0x100000 -j MARK --set-xmark 0x0/0x80000',
        `${PASSED} ${ACCEPT}`,
      ],
    ],
    [
      'one network that it must not be',
      '{action: Allow, source: {notNets: [10.0.0.0/16]}}',
      [`! -s 10.0.0.0/16 ${ACCEPT}`],
    ],
    [
      'networks that it must not be: a block that begins true',
      '{action: Allow, destination: {notNets: [10.0.0.0/16, 11.0.0.0/16]}}',
      [
        '-j MARK --set-xmark 0x80000/0x180000',
        '-d 10.0.0.0/16 -j MARK --set-xmark 0x0/0x80000',
        '-d 11.0.0.0/16 -j MARK --set-xmark 0x0/0x80000',
        `${PASSED} ${ACCEPT}`,
      ],
    ],
    ['everything excluded: no rule at all', '{action: Allow, source: {notNets: [0.0.0.0/0]}}', []],
    ['networks of the other family: no rule at all', '{action: Deny, source: {nets: ["2001:db8::/32"]}}', []],
    ['the other family: no rule at all', '{action: Deny, ipVersion: 6}', []],
    [
      'ports on both sides',
      '{action: Allow, protocol: TCP, source: {ports: ["1024:65535"]}, destination: {ports: [80, 443]}}',
      [`-p tcp -m multiport --sports 1024:65535 -m multiport --dports 80,443 ${ACCEPT}`],
    ],
    [
      'more ports to avoid than a match takes: all matches must miss',
      `{action: Allow, protocol: TCP, destination: {notPorts: [${Array.from({ length: 16 }, (_, i) => i + 1).join(', ')}]}}`,
      [
        `-p tcp -m multiport ! --dports ${Array.from({ length: 15 }, (_, i) => i + 1).join(',')} -m multiport ! --dports 16 ${ACCEPT}`,
      ],
    ],
    ['a kind of ICMP', '{action: Allow, protocol: ICMP, icmp: {type: 8}}', [`-p icmp -m icmp --icmp-type 8 ${ACCEPT}`]],
    [
      'a kind and a code of ICMP, and one to avoid',
      '{action: Allow, protocol: ICMP, icmp: {type: 3, code: 4}, notICMP: {type: 8}}',
      [`-p icmp -m icmp --icmp-type 3/4 -m icmp ! --icmp-type 8 ${ACCEPT}`],
    ],
    [
      'Deny: the drop bit first',
      '{action: Deny, protocol: TCP}',
      ['-p tcp -j MARK --set-xmark 0x40000/0x40000', '-m mark --mark 0x40000/0x40000 -j DROP'],
    ],
    [
      'annotations, which iptables shows',
      '{action: Allow, protocol: TCP, metadata: {annotations: {ticket: "7", author: me}}}',
      [`-p tcp -m comment --comment "author=me" -m comment --comment "ticket=7" ${ACCEPT}`],
    ],
    ['Pass', '{action: Pass, protocol: TCP}', ['-p tcp -j MARK --set-xmark 0x20000/0x20000']],
    ['Log', '{action: Log, protocol: TCP}', ['-p tcp -j LOG --log-prefix "calico-packet: " --log-level 5']],
  ])('%s', (_, rule, expected) => {
    const found = rules(global(rule));
    if (expected.length > 0) expect(found).toEqual(expected);
    else expect(found).toEqual([LABEL]);
  });
});

describe('for IPv6, a rule with', () => {
  test.each<[string, string, readonly string[]]>([
    ['nothing is the same', '{action: Allow}', ['--jump MARK --set-mark 0x10000/0x10000']],
    [
      'ICMPv6',
      '{action: Allow, protocol: ICMPv6, icmp: {type: 128}}',
      ['-p icmpv6 -m icmp6 --icmpv6-type 128 --jump MARK --set-mark 0x10000/0x10000'],
    ],
    ['ICMP is left out', '{action: Allow, protocol: ICMP}', []],
    [
      'its networks',
      '{action: Allow, source: {nets: ["2001:db8::/32"]}}',
      ['--source 2001:db8::/32 --jump MARK --set-mark 0x10000/0x10000'],
    ],
    ['networks of IPv4 is left out', '{action: Allow, source: {nets: [10.0.0.0/8]}}', []],
    [
      'a selector looks into the other set',
      '{action: Allow, source: {selector: has(app)}}',
      [expect.stringMatching(/^-m set --match-set cali60s:\S+ src --jump MARK/)],
    ],
  ])('%s', (_, rule, expected) => {
    const [policy] = policyBook(clusterWith(global(rule))).global[0]?.policies ?? [];
    const origin = new OriginTable().mint({ role: 'plumbing', kind: 'Cluster', name: 'lab' });
    const context: RenderContext = {
      family: 6,
      marks: calicoVersion('3.31').marks,
      deny: { word: 'Drop', action: action.drop },
      logPrefix: 'calico-packet',
    };
    const found = (policy?.rules('ingress') ?? []).flatMap((each) => renderRule(each, context, origin).rules);
    const words = found.map(({ match = [], action: target = [] }) => [...match, ...target].join(' '));
    expect(words.filter((line) => !line.endsWith('--jump RETURN'))).toEqual(expected);
  });
});

test('a rule that denies stops the packet in one rule before 3.30', () => {
  expect(rules(global('{action: Deny, protocol: TCP}'), '3.28')).toEqual(['-p tcp -j DROP']);
});

test('iptablesFilterDenyAction Reject rejects in the filter table', () => {
  const felix =
    'apiVersion: projectcalico.org/v3\nkind: FelixConfiguration\nmetadata: {name: default}\nspec: {iptablesFilterDenyAction: Reject}\n';
  expect(rules(`${felix}---\n${global('{action: Deny}')}`).at(-1)).toBe(
    '-m mark --mark 0x40000/0x40000 -j REJECT --reject-with icmp-port-unreachable',
  );
});

/** The set that the only rule of the policy looks into, with its members. */
function set(manifests: string): { readonly words: string; readonly members: readonly string[] } {
  const cluster = clusterWith(manifests);
  const words = rules(manifests).join('\n');
  const name = /--match-set (\S+)/.exec(words)?.[1];
  const found = nodeParts(cluster).ipsets?.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no set in ${words}`);
  return { words: words.replace(found.name, 'SET').replace(` ${ACCEPT}`, ''), members: found.entries() };
}

const NETWORK_SETS = `apiVersion: projectcalico.org/v3
kind: NetworkSet
metadata: {name: mine, namespace: shop, labels: {list: good}}
spec: {nets: [198.51.100.0/24, "2001:db8::/32"]}
---
apiVersion: projectcalico.org/v3
kind: GlobalNetworkSet
metadata: {name: all, labels: {list: all}}
spec: {nets: [0.0.0.0/0]}
---
apiVersion: projectcalico.org/v3
kind: HostEndpoint
metadata: {name: h, labels: {host: n1}}
spec: {node: n1, interfaceName: eth0, expectedIPs: [192.168.1.1]}
---
`;

describe('a set of', () => {
  test.each<[string, string, string, readonly string[]]>([
    [
      'Pods of every namespace',
      global('{action: Allow, source: {selector: has(app)}}'),
      'src',
      ['10.244.0.20', '10.244.0.10'],
    ],
    ['Pods of the own namespace', namespaced('{action: Allow, source: {selector: has(app)}}'), 'src', ['10.244.0.10']],
    [
      'a namespace by its labels',
      namespaced("{action: Allow, source: {namespaceSelector: team == 'pay'}}"),
      'src',
      ['10.244.0.20'],
    ],
    [
      'all namespaces: hosts and global sets are in none',
      `${NETWORK_SETS}${global('{action: Allow, source: {namespaceSelector: all()}}')}`,
      'src',
      ['10.244.0.20', '10.244.0.10', '198.51.100.0/24'],
    ],
    [
      'what is in no namespace: global()',
      `${NETWORK_SETS}${global('{action: Allow, source: {namespaceSelector: global()}}')}`,
      'src',
      ['192.168.1.1', '0.0.0.0/1', '128.0.0.0/1'],
    ],
    [
      'networks with a label',
      `${NETWORK_SETS}${namespaced("{action: Allow, source: {selector: list == 'good'}}")}`,
      'src',
      ['198.51.100.0/24'],
    ],
    [
      'a host endpoint',
      `${NETWORK_SETS}${global("{action: Allow, source: {selector: host == 'n1'}}")}`,
      'src',
      ['192.168.1.1'],
    ],
    [
      'a service account by name',
      global('{action: Allow, source: {serviceAccounts: {names: [cashier]}}}'),
      'src',
      ['10.244.0.10'],
    ],
    [
      'service accounts by labels',
      global("{action: Allow, source: {serviceAccounts: {selector: may == 'pay'}}}"),
      'src',
      ['10.244.0.10'],
    ],
    [
      'Pods but some',
      global("{action: Allow, source: {selector: has(app), notSelector: app == 'web'}}"),
      'src',
      ['10.244.0.20'],
    ],
    [
      'endpoints of a Service, as a source',
      global('{action: Allow, source: {services: {name: db, namespace: pay}}}'),
      'src',
      ['10.244.0.20'],
    ],
    [
      'a named port of everybody',
      global('{action: Allow, protocol: TCP, destination: {ports: [sql]}}'),
      'dst,dst',
      ['10.244.0.20,tcp:5432'],
    ],
    [
      'a named port among the selected',
      global("{action: Allow, protocol: TCP, destination: {selector: app == 'db', ports: [sql, http]}}"),
      'dst,dst',
      ['10.244.0.20,tcp:5432'],
    ],
  ])('%s', (_, manifests, directions, members) => {
    const found = set(manifests);
    expect(found.words).toContain(`-m set --match-set SET ${directions}`);
    expect(found.members).toEqual(members);
  });

  test('addresses and ports of a Service, as a destination', () => {
    const egress = `apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: p, namespace: pay}
spec: {types: [Egress], egress: [{action: Allow, destination: {services: {name: db}}}]}
`;
    const cluster = clusterWith(egress);
    const [rule] = savedRules(cluster, 'filter', /^-A cali-po-/);
    expect(rule).toContain('-m set --match-set cali40svc:'.slice(0, -1));
    const name = /--match-set (\S+) dst,dst/.exec(rule ?? '')?.[1];
    expect(
      nodeParts(cluster)
        .ipsets?.find((each) => each.name === name)
        ?.entries(),
    ).toEqual(['10.244.0.20,tcp:5432']);
  });

  test('what it must not be, where nothing else is selected, is a negated match', () => {
    expect(rules(global("{action: Allow, source: {notSelector: app == 'web'}}"))).toEqual([
      expect.stringMatching(/^-m set ! --match-set cali40s:\S+ src -j MARK/),
    ]);
  });
});
