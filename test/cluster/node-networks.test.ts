import { describe, expect, it } from 'vitest';
import {
  familiesOf,
  nodeAddresses,
  nodeGateways,
  nodeOfFamily,
  nodePodRanges,
} from '../../src/cluster/node-networks.ts';
import { printIp } from '../../src/net/address.ts';
import { printPrefix } from '../../src/net/prefix.ts';
import { ip, node, prefix } from './load.ts';

const FOUR = node('n', '10.0.0.1/24', { gateway: ip('10.0.0.254'), blocks: [prefix('10.244.0.0/26')] });
const BOTH = node('n', 'fd00:1::1/64', {
  secondAddress: prefix('10.0.0.1/24'),
  gateway: ip('10.0.0.254'),
  secondGateway: ip('fd00:1::fe'),
  podCIDR: prefix('10.244.0.0/24'),
  podCIDRs: [prefix('10.244.0.0/24'), prefix('fd00:10::/64')],
  blocks: [prefix('10.244.0.0/24'), prefix('fd00:10::/64')],
  tunnelAddress: ip('10.244.0.0'),
  secondTunnelAddress: ip('fd00:10::'),
});

describe('a node as one family sees it', () => {
  it('of one family it is itself, so that nothing is made for thousands of nodes', () => {
    expect(nodeOfFamily(FOUR, 4)).toBe(FOUR);
    expect(nodeOfFamily(FOUR, 6)).toBeUndefined();
  });

  it.each([
    [4, '10.0.0.1/24', '10.0.0.254', '10.244.0.0/24', '10.244.0.0'],
    [6, 'fd00:1::1/64', 'fd00:1::fe', 'fd00:10::/64', 'fd00:10::'],
  ] as const)('IPv%i: %s by %s', (family, address, gateway, range, tunnel) => {
    const seen = nodeOfFamily(BOTH, family);
    expect(seen === undefined ? [] : nodeAddresses(seen).map(printPrefix)).toEqual([address]);
    expect(seen === undefined ? [] : nodeGateways(seen).map(printIp)).toEqual([gateway]);
    expect(seen === undefined ? [] : nodePodRanges(seen).map(printPrefix)).toEqual([range]);
    expect(seen?.podCIDR === undefined ? undefined : printPrefix(seen.podCIDR)).toBe(range);
    expect(seen?.tunnelAddress === undefined ? undefined : printIp(seen.tunnelAddress)).toBe(tunnel);
    expect(seen?.secondTunnelAddress).toBeUndefined();
  });

  it('a gateway of the other family is none of its own', () => {
    const odd = { ...FOUR, gateway: ip('fd00::1') };
    expect(nodeOfFamily(odd, 4)?.gateway).toBeUndefined();
  });
});

it('the families of networks stand in the order of the networks', () => {
  expect(familiesOf(['fd00::/48', '10.0.0.0/8', 'fd01::/48'].map(prefix))).toEqual([6, 4]);
});
