import { describe, expect, test } from 'vitest';
import type { NetworkPolicyPort, NetworkPolicyRule } from '../../../../src/cluster/objects.ts';
import { convertNetworkPolicy } from '../../../../src/compile/cni/calico/convert-network-policy.ts';
import { action } from '../../../../src/compile/cni/calico/felix-rule.ts';
import type { Direction } from '../../../../src/compile/cni/calico/policy-model.ts';
import { type RenderContext, renderRule, splitPorts } from '../../../../src/compile/cni/calico/policy-rules.ts';
import { calicoVersion } from '../../../../src/compile/cni/calico/version.ts';
import { OriginTable } from '../../../../src/compile/origin.ts';
import { ipBlock, pods, policy, selector } from './fixture.ts';

const origin = new OriginTable().mint({ role: 'plumbing', kind: 'Cluster', name: 'lab' });
const context = (version: string): RenderContext => ({
  family: 4,
  marks: calicoVersion(version).marks,
  deny: { word: 'Drop', action: action.drop },
  logPrefix: 'calico-packet',
});
const ACCEPT = '--jump MARK --set-mark 0x10000/0x10000';
const RETURN = '-m mark --mark 0x10000/0x10000 --jump RETURN';
const RESET = '--jump MARK --set-mark 0x0/0x180000';
const PASSED = '-m mark --mark 0x80000/0x80000';

/** Rules in iptables' words, without the RETURN behind each. */
function words(rule: Partial<NetworkPolicyRule>, direction: Direction = 'ingress'): readonly string[] {
  const rules = convertNetworkPolicy(policy({ name: 'p', [direction]: [{ peers: [], ports: [], ...rule }] })).rules(
    direction,
  );
  const lines = rules
    .flatMap((each) => renderRule(each, context('3.31'), origin).rules)
    .map(({ match = [], action = [] }) => [...match, ...action].join(' '));
  expect(lines.filter((line) => line === RETURN)).toHaveLength(rules.length);
  return lines.filter((line) => line !== RETURN);
}

const tcp = (port?: number | string, endPort?: number): NetworkPolicyPort => ({
  protocol: 'TCP',
  ...(port === undefined ? {} : { port }),
  ...(endPort === undefined ? {} : { endPort }),
});
const udp = (port: number): NetworkPolicyPort => ({ protocol: 'UDP', port });

describe('one rule of a policy becomes', () => {
  test.each<[string, Partial<NetworkPolicyRule>, readonly string[]]>([
    ['an unconditional accept when it names neither peers nor ports', {}, [ACCEPT]],
    ['a port match', { ports: [tcp(80)] }, [`-p tcp -m multiport --destination-ports 80 ${ACCEPT}`]],
    ['a protocol match when the entry has no port', { ports: [tcp(80), tcp()] }, [`-p tcp ${ACCEPT}`]],
    [
      'a range from endPort and from adjacent ports, sorted',
      { ports: [tcp(443), tcp(81), tcp(80), tcp(8000, 8010)] },
      [`-p tcp -m multiport --destination-ports 80:81,443,8000:8010 ${ACCEPT}`],
    ],
    [
      'one rule for each protocol, in alphabetical order',
      { ports: [udp(53), tcp(53)] },
      [`-p tcp -m multiport --destination-ports 53 ${ACCEPT}`, `-p udp -m multiport --destination-ports 53 ${ACCEPT}`],
    ],
    [
      'a set of Pods of the own namespace for a podSelector',
      { peers: [pods(selector({ role: 'api' }))], ports: [tcp(80)] },
      [`-p tcp -m set --match-set cali40s:3PwymWokDgo9_IukxvvxAr5 src -m multiport --destination-ports 80 ${ACCEPT}`],
    ],
    ['a network match for an ipBlock', { peers: [ipBlock('172.17.5.9/16')] }, [`--source 172.17.0.0/16 ${ACCEPT}`]],
    [
      'a block on a scratch bit for exceptions',
      { peers: [ipBlock('172.17.0.0/16', '172.17.1.0/24', '172.17.2.0/24')], ports: [tcp(6379)] },
      [
        '--jump MARK --set-mark 0x80000/0x180000',
        '--source 172.17.1.0/24 --jump MARK --set-mark 0/0x80000',
        '--source 172.17.2.0/24 --jump MARK --set-mark 0/0x80000',
        `-p tcp --source 172.17.0.0/16 -m multiport --destination-ports 6379 ${PASSED} ${ACCEPT}`,
      ],
    ],
    [
      'one rule for each peer',
      { peers: [ipBlock('10.0.0.0/24'), ipBlock('10.0.1.0/24')] },
      [`--source 10.0.0.0/24 ${ACCEPT}`, `--source 10.0.1.0/24 ${ACCEPT}`],
    ],
    [
      'a block when a named port stands beside a number',
      { ports: [tcp(80), tcp('http')] },
      [
        RESET,
        '-p tcp -m multiport --destination-ports 80 --jump MARK --set-mark 0x80000/0x80000',
        '-m set --match-set cali40n:cl9_Kgeu4H0OGLbhovVR3NB dst,dst --jump MARK --set-mark 0x80000/0x80000',
        `-p tcp ${PASSED} ${ACCEPT}`,
      ],
    ],
    [
      'a block when more ports are named than one match takes',
      { ports: Array.from({ length: 16 }, (_, i) => tcp(1000 + 2 * i)) },
      [
        RESET,
        `-p tcp -m multiport --destination-ports ${Array.from({ length: 15 }, (_, i) => 1000 + 2 * i).join(',')} --jump MARK --set-mark 0x80000/0x80000`,
        '-p tcp -m multiport --destination-ports 1030 --jump MARK --set-mark 0x80000/0x80000',
        `-p tcp ${PASSED} ${ACCEPT}`,
      ],
    ],
    ['nothing for a network of the other family', { peers: [ipBlock('2001:db8::/32')] }, []],
  ])('%s', (_, rule, expected) => {
    if (expected.length === 0) {
      const { rules } = convertNetworkPolicy(policy({ name: 'p', ingress: [{ peers: [], ports: [], ...rule }] }));
      expect(renderRule(rules('ingress')[0] ?? fail(), context('3.31'), origin).rules).toEqual([]);
    } else expect(words(rule)).toEqual(expected);
  });

  test('an egress rule matches destinations', () => {
    expect(words({ peers: [ipBlock('10.0.0.0/24', '10.0.0.1/32')], ports: [tcp(5978)] }, 'egress')).toEqual([
      '--jump MARK --set-mark 0x80000/0x180000',
      '--destination 10.0.0.1/32 --jump MARK --set-mark 0/0x80000',
      `-p tcp --destination 10.0.0.0/24 -m multiport --destination-ports 5978 ${PASSED} ${ACCEPT}`,
    ]);
  });

  test('an egress rule with a named port needs no set for the selector beside it', () => {
    const [line, ...others] = words({ peers: [pods(selector({ app: 'db' }))], ports: [tcp('sql')] }, 'egress');
    expect(others).toEqual([]);
    expect(line).toMatch(/^-p tcp -m set --match-set cali40n:\S+ dst,dst --jump MARK/);
  });

  test('an ingress rule with a named port looks the sender up as well', () => {
    const [line] = words({ peers: [pods(selector({ app: 'web' }))], ports: [tcp('sql')] });
    expect(line).toMatch(/^-p tcp -m set --match-set cali40s:\S+ src -m set --match-set cali40n:\S+ dst,dst --jump/);
  });
});

test('before 3.30 the scratch bits stood one lower', () => {
  const [rule] = convertNetworkPolicy(
    policy({ name: 'p', ingress: [{ peers: [ipBlock('10.0.0.0/8', '10.1.0.0/16')], ports: [] }] }),
  ).rules('ingress');
  const { rules } = renderRule(rule ?? fail(), context('3.28'), origin);
  expect(rules[0]?.action?.join(' ')).toBe('--jump MARK --set-mark 0x40000/0xc0000');
});

describe('multiport has 15 slots', () => {
  const one = (first: number) => ({ first, last: first });
  const range = (first: number) => ({ first, last: first + 1 });
  test.each([
    ['15 ports are one match', Array.from({ length: 15 }, (_, i) => one(i)), [15]],
    ['16 ports are two', Array.from({ length: 16 }, (_, i) => one(i)), [15, 1]],
    ['8 ranges are two', Array.from({ length: 8 }, (_, i) => range(10 * i)), [7, 1]],
    ['a range does not fit into the last slot', [...Array.from({ length: 14 }, (_, i) => one(i)), range(50)], [14, 1]],
    ['none is none', [], []],
  ])('%s', (_, ports, sizes) => {
    expect(splitPorts(ports).map((split) => split.length)).toEqual(sizes);
  });
});

function fail(): never {
  throw new Error('expected a rule');
}
