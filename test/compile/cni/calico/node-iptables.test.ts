import { describe, expect, test } from 'vitest';
import type { Pod } from '../../../../src/cluster/objects.ts';
import { buildRuleset } from '../../../../src/kernel/netfilter/build-ruleset.ts';
import type { TableName } from '../../../../src/kernel/netfilter/hook.ts';
import { printIptablesSave } from '../../../../src/kernel/netfilter/save-format.ts';
import { ip, nodeSettings, pod, prefix } from '../../cluster-fixture.ts';
import { type CalicoClusterInput, calicoOf, pods, policy, selector } from './fixture.ts';

const NODES = [nodeSettings('n1', '192.168.1.1/24', { podCIDR: prefix('10.244.0.0/26') })];
const WEB: Pod = pod({
  name: 'web-0',
  namespace: 'default',
  node: 'n1',
  ips: [ip('10.244.0.1')],
  labels: { app: 'web' },
});
const ALLOW_WEB = policy({
  name: 'allow-web',
  podSelector: selector({ app: 'web' }),
  ingress: [{ peers: [pods(selector({ role: 'api' }))], ports: [{ protocol: 'TCP', port: 80 }] }],
});

/** As iptables-save prints it, without the comments that carry hashes. */
function saved(input: Partial<CalicoClusterInput>, table: TableName, wanted: RegExp): readonly string[] {
  const { iptables } = calicoOf({ nodes: NODES, pods: [WEB], ...input }).node('n1');
  if (iptables === undefined) throw new Error('no rules');
  const text = printIptablesSave(buildRuleset([iptables], undefined, 4));
  const start = text.indexOf(`*${table}\n`);
  const lines = text.slice(start, text.indexOf('COMMIT', start)).split('\n');
  return lines
    .filter((line) => wanted.test(line))
    .map((line) => line.replace(/-m comment --comment "cali:[\w-]{16}" /, ''));
}

test('the worked listing: a Pod with one ingress policy', () => {
  const wanted = /^-A cali-(to-wl-dispatch|tw-cali0d7763386da|pi-\S+|pri-kns\.default) /;
  expect(saved({ policies: [ALLOW_WEB] }, 'filter', wanted)).toEqual([
    '-A cali-pi-_Vm_1cJRadOrYgBn0juc -p tcp -m comment --comment "Policy default/knp.default.allow-web ingress" -m set --match-set cali40s:3PwymWokDgo9_IukxvvxAr5 src -m multiport --dports 80 -j MARK --set-xmark 0x10000/0x10000',
    '-A cali-pri-kns.default -m comment --comment "Profile kns.default ingress" -j MARK --set-xmark 0x10000/0x10000',
    '-A cali-to-wl-dispatch -o cali0d7763386da -g cali-tw-cali0d7763386da',
    '-A cali-to-wl-dispatch -m comment --comment "Unknown interface" -j DROP',
    '-A cali-tw-cali0d7763386da -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
    '-A cali-tw-cali0d7763386da -m conntrack --ctstate INVALID -j DROP',
    '-A cali-tw-cali0d7763386da -j MARK --set-xmark 0x0/0x30000',
    '-A cali-tw-cali0d7763386da -m comment --comment "Start of tier default" -j MARK --set-xmark 0x0/0x20000',
    '-A cali-tw-cali0d7763386da -m mark --mark 0x0/0x20000 -j cali-pi-_Vm_1cJRadOrYgBn0juc',
    '-A cali-tw-cali0d7763386da -m comment --comment "Return if policy accepted" -m mark --mark 0x10000/0x10000 -j RETURN',
    '-A cali-tw-cali0d7763386da -m comment --comment "End of tier default. Drop if no policies passed packet" -m mark --mark 0x0/0x20000 -j DROP',
    '-A cali-tw-cali0d7763386da -j cali-pri-kns.default',
    '-A cali-tw-cali0d7763386da -m comment --comment "Return if profile accepted" -m mark --mark 0x10000/0x10000 -j RETURN',
    '-A cali-tw-cali0d7763386da -j cali-pri-ksa.default.default',
    '-A cali-tw-cali0d7763386da -m comment --comment "Return if profile accepted" -m mark --mark 0x10000/0x10000 -j RETURN',
    '-A cali-tw-cali0d7763386da -m comment --comment "Drop if no profiles matched" -j DROP',
  ]);
});

test('the chain from a workload drops what it encapsulates itself, and has no tier without an egress policy', () => {
  expect(saved({ policies: [ALLOW_WEB] }, 'filter', /^-A cali-fw-/).slice(2, 6)).toEqual([
    '-A cali-fw-cali0d7763386da -j MARK --set-xmark 0x0/0x30000',
    '-A cali-fw-cali0d7763386da -p udp -m comment --comment "Drop VXLAN encapped packets originating in workloads" -m multiport --dports 4789 -j DROP',
    '-A cali-fw-cali0d7763386da -p ipencap -m comment --comment "Drop IPinIP encapped packets originating in workloads" -j DROP',
    '-A cali-fw-cali0d7763386da -j cali-pro-kns.default',
  ]);
});

test('a policy without rules keeps a chain that does nothing', () => {
  const lines = saved({ policies: [policy({ name: 'deny' })] }, 'filter', /^-A cali-pi-/);
  expect(lines).toEqual([
    expect.stringMatching(/^-A cali-pi-_\S{19} -m comment --comment "Policy default\/knp.default.deny ingress"$/),
  ]);
});

test('policies with one selector share a chain, which asks for a verdict after every fifth', () => {
  const policies = Array.from({ length: 6 }, (_, i) =>
    policy({ name: `p${i}`, podSelector: selector({ app: 'web' }) }),
  );
  const lines = saved({ policies }, 'filter', /^-A cali-gi-/).map((line) => line.replace(/^\S+ \S+ /, ''));
  expect(lines).toEqual([
    expect.stringMatching(/^-j cali-pi-_/),
    ...Array.from({ length: 4 }, () => expect.stringMatching(/^-m mark --mark 0x0\/0x30000 -j cali-pi-_/)),
    '-m comment --comment "Return on verdict" -m mark ! --mark 0x0/0x30000 -j RETURN',
    expect.stringMatching(/^-j cali-pi-_/),
  ]);
});

test('policies run in the order of their names; another selector between two ends a group', () => {
  const policies = [
    policy({ name: 'c', podSelector: selector({ app: 'web' }) }),
    policy({ name: 'b' }),
    policy({ name: 'a', podSelector: selector({ app: 'web' }) }),
    policy({ name: 'other', podSelector: selector({ app: 'db' }) }),
  ];
  const names = saved({ policies }, 'filter', /^-A cali-pi-/).map((line) => /default\.(\w+) ingress/.exec(line)?.[1]);
  expect(names.toSorted()).toEqual(['a', 'b', 'c']);
  expect(saved({ policies }, 'filter', /^-A cali-tw-.* -j cali-pi-/)).toHaveLength(3);
});

test('interfaces that share the next character get a chain of their own', () => {
  // web-0 is cali0d7763386da, web-1 cali…, and so on: as many Pods as it takes for two to share a first digit.
  const many = Array.from({ length: 20 }, (_, i) =>
    pod({ name: `web-${i}`, namespace: 'default', node: 'n1', ips: [ip(`10.244.0.${i + 1}`)] }),
  );
  const root = saved({ pods: many }, 'filter', /^-A cali-to-wl-dispatch /);
  const children = saved({ pods: many }, 'filter', /^-A cali-to-wl-dispatch-./);
  expect(root.at(-1)).toBe('-A cali-to-wl-dispatch -m comment --comment "Unknown interface" -j DROP');
  expect(root.some((line) => /-o cali[0-9a-f]\+ -g cali-to-wl-dispatch-[0-9a-f]$/.test(line))).toBe(true);
  const leaves = [...root, ...children].filter((line) => /-o cali[0-9a-f]{11} -g cali-tw-cali[0-9a-f]{11}$/.test(line));
  expect(leaves).toHaveLength(20);
});

describe('the static chains without encapsulation', () => {
  test.each<[TableName, RegExp, readonly string[]]>([
    [
      'filter',
      /^-A (FORWARD|cali-FORWARD) /,
      [
        '-A FORWARD -j cali-FORWARD',
        '-A FORWARD -m comment --comment "Policy explicitly accepted packet." -m mark --mark 0x10000/0x10000 -j ACCEPT',
        '-A FORWARD -j MARK --set-xmark 0x10000/0x10000',
        '-A cali-FORWARD -j MARK --set-xmark 0x0/0x1a0000',
        '-A cali-FORWARD -m mark --mark 0x0/0x10000 -j cali-from-hep-forward',
        '-A cali-FORWARD -i cali+ -j cali-from-wl-dispatch',
        '-A cali-FORWARD -o cali+ -j cali-to-wl-dispatch',
        '-A cali-FORWARD -j cali-to-hep-forward',
        '-A cali-FORWARD -j cali-cidr-block',
      ],
    ],
    [
      'filter',
      /^-A cali-(INPUT|wl-to-host) /,
      [
        '-A cali-INPUT -i cali+ -g cali-wl-to-host',
        '-A cali-INPUT -m mark --mark 0x10000/0x10000 -j ACCEPT',
        '-A cali-INPUT -j MARK --set-xmark 0x0/0x1b0000',
        '-A cali-INPUT -j cali-from-host-endpoint',
        '-A cali-INPUT -m comment --comment "Host endpoint policy accepted packet." -m mark --mark 0x10000/0x10000 -j ACCEPT',
        '-A cali-wl-to-host -j cali-from-wl-dispatch',
        '-A cali-wl-to-host -m comment --comment "Configured DefaultEndpointToHostAction" -j ACCEPT',
      ],
    ],
    [
      'filter',
      /^-A cali-OUTPUT /,
      [
        '-A cali-OUTPUT -m mark --mark 0x10000/0x10000 -j ACCEPT',
        '-A cali-OUTPUT -o cali+ -j RETURN',
        '-A cali-OUTPUT -j MARK --set-xmark 0x0/0x1b0000',
        '-A cali-OUTPUT -m conntrack ! --ctstate DNAT -j cali-to-host-endpoint',
        '-A cali-OUTPUT -m comment --comment "Host endpoint policy accepted packet." -m mark --mark 0x10000/0x10000 -j ACCEPT',
      ],
    ],
    [
      'nat',
      /^-A /,
      [
        '-A PREROUTING -j cali-PREROUTING',
        '-A OUTPUT -j cali-OUTPUT',
        '-A POSTROUTING -j cali-POSTROUTING',
        '-A cali-OUTPUT -j cali-fip-dnat',
        '-A cali-POSTROUTING -j cali-fip-snat',
        '-A cali-POSTROUTING -j cali-nat-outgoing',
        '-A cali-PREROUTING -j cali-fip-dnat',
        '-A cali-nat-outgoing -m set --match-set cali40masq-ipam-pools src -m set ! --match-set cali40all-ipam-pools dst -j MASQUERADE --random-fully',
      ],
    ],
    [
      'mangle',
      /^-A cali-/,
      [
        '-A cali-POSTROUTING -m mark --mark 0x10000/0x10000 -j RETURN',
        '-A cali-POSTROUTING -j MARK --set-xmark 0x0/0x1b0000',
        '-A cali-POSTROUTING -m conntrack --ctstate DNAT -j cali-to-host-endpoint',
        '-A cali-POSTROUTING -m comment --comment "Host endpoint policy accepted packet." -m mark --mark 0x10000/0x10000 -j RETURN',
        '-A cali-PREROUTING -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
        '-A cali-PREROUTING -m mark --mark 0x10000/0x10000 -j ACCEPT',
        '-A cali-PREROUTING -j cali-from-host-endpoint',
        '-A cali-PREROUTING -m comment --comment "Host endpoint policy accepted packet." -m mark --mark 0x10000/0x10000 -j ACCEPT',
      ],
    ],
    [
      'raw',
      /^-A cali-/,
      [
        '-A cali-OUTPUT -j MARK --set-xmark 0x0/0x1b0000',
        '-A cali-OUTPUT -j cali-to-host-endpoint',
        '-A cali-OUTPUT -m mark --mark 0x10000/0x10000 -j ACCEPT',
        '-A cali-PREROUTING -j MARK --set-xmark 0x0/0x1b0000',
        '-A cali-PREROUTING -i cali+ -j MARK --set-xmark 0x80000/0x80000',
        '-A cali-PREROUTING -m mark --mark 0x80000/0x80000 -j cali-rpf-skip',
        '-A cali-PREROUTING -m mark --mark 0x80000/0x80000 -m rpfilter --validmark --invert -j DROP',
        '-A cali-PREROUTING -m mark --mark 0x0/0x80000 -j cali-from-host-endpoint',
        '-A cali-PREROUTING -m mark --mark 0x10000/0x10000 -j ACCEPT',
      ],
    ],
  ])('%s %s', (table, wanted, expected) => {
    expect(saved({}, table, wanted)).toEqual(expected);
  });
});

test('IPIP adds its filter and the tunnel masquerade', () => {
  const calico = { encapsulation: 'ipip' } as const;
  expect(saved({ calico }, 'filter', /ipencap|ipip/i).filter((line) => !line.includes('cali-fw-'))).toEqual([
    '-A cali-INPUT -p ipencap -m comment --comment "Allow IPIP packets from Calico hosts" -m set --match-set cali40all-hosts-net src -m addrtype --dst-type LOCAL -j ACCEPT',
    '-A cali-INPUT -p ipencap -m comment --comment "Drop IPIP packets from non-Calico hosts" -j DROP',
    '-A cali-OUTPUT -p ipencap -m comment --comment "Allow IPIP packets to other Calico hosts" -m set --match-set cali40all-hosts-net dst -m addrtype --src-type LOCAL -j ACCEPT',
  ]);
  expect(saved({ calico }, 'nat', /tunl0/)).toEqual([
    '-A cali-POSTROUTING -o tunl0 -m addrtype ! --src-type LOCAL --limit-iface-out -m addrtype --src-type LOCAL -j MASQUERADE --random-fully',
  ]);
});

test('VXLAN is filtered, not tracked and masqueraded into its device', () => {
  const calico = { encapsulation: 'vxlan' } as const;
  expect(saved({ calico }, 'raw', /4789/)).toHaveLength(2);
  expect(saved({ calico }, 'filter', /all-vxlan-net/)).toHaveLength(2);
  expect(saved({ calico }, 'nat', /vxlan\.calico/)).toHaveLength(1);
});

test('before 3.29 Calico stood first in nat POSTROUTING and the tier had another comment', () => {
  const old = { calicoVersion: '3.28', policies: [ALLOW_WEB] };
  expect(saved(old, 'filter', /Drop if no policies passed packet/)[0]).toContain('"Drop if no policies passed packet"');
  const place = (calicoVersion: string) =>
    calicoOf({ nodes: NODES, calicoVersion })
      .node('n1')
      .iptables?.hooks.find(({ table, chain }) => table === 'nat' && chain === 'POSTROUTING')?.place;
  expect([place('3.28'), place('3.31')]).toEqual(['insert', 'append']);
});

test('chainInsertMode, denyAction and defaultEndpointToHostAction come from the FelixConfiguration', () => {
  const felix = {
    kind: 'FelixConfiguration',
    name: 'default',
    labels: {},
    annotations: {},
    defaultEndpointToHostAction: 'Drop',
    chainInsertMode: 'Append',
    denyAction: 'Reject',
  } as const;
  const calico = calicoOf({ nodes: NODES, pods: [WEB], felix });
  expect(calico.node('n1').iptables?.hooks.every(({ place }) => place === 'append')).toBe(true);
  expect(saved({ felix }, 'filter', /profiles matched/)[0]).toBe(
    '-A cali-fw-cali0d7763386da -m comment --comment "Reject if no profiles matched" -j REJECT --reject-with icmp-port-unreachable',
  );
  expect(saved({ felix }, 'filter', /DefaultEndpointToHostAction/)[0]).toMatch(/-j DROP$/);
});

test('rules point at what they were made for', () => {
  const calico = calicoOf({ nodes: NODES, pods: [WEB], policies: [ALLOW_WEB] });
  const rules = (chain: string) =>
    calico
      .node('n1')
      .iptables?.chains.find((each) => each.chain === chain)
      ?.rules() ?? [];
  const origins = (chain: string) =>
    rules(chain).map(({ origin }) => (origin === undefined ? undefined : calico.table.get(origin)));
  expect(origins('cali-pi-_Vm_1cJRadOrYgBn0juc')[0]).toMatchObject({
    role: 'policy-allow',
    kind: 'NetworkPolicy',
    name: 'allow-web',
    field: 'spec.ingress[0]',
  });
  expect(origins('cali-tw-cali0d7763386da').find((origin) => origin?.role === 'policy-default')).toMatchObject({
    name: 'allow-web',
    direction: 'ingress',
    pod: 'default/web-0',
  });
  expect(origins('cali-to-wl-dispatch').at(-1)).toMatchObject({ role: 'unknown-workload' });
});
