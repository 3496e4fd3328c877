/** Which devices of a node a host endpoint is for (felix endpoint_mgr.go: resolveHostEndpoints()). */
import { describe, expect, test } from 'vitest';
import { ipPools } from '../../../../src/cluster/calico-pools.ts';
import type { IpPool } from '../../../../src/cluster/objects.ts';
import type { HostEndpoint } from '../../../../src/cluster/policy/calico-policy.ts';
import { hostEndpointsOn } from '../../../../src/compile/cni/calico/host-endpoints.ts';
import { governedDevices } from '../../../../src/policy/hosts/governed-devices.ts';
import { ip, nodeSettings, prefix } from '../../cluster-fixture.ts';
import { calicoCluster } from './fixture.ts';

const POOL = {
  ...{ kind: 'IPPool' as const, labels: {}, annotations: {} },
  ...{ natOutgoing: false, disabled: false, nodeSelector: 'all()' },
};
const POOLS: readonly IpPool[] = [
  { ...POOL, name: 'ipip', cidr: prefix('10.244.0.0/16'), blockSize: 26, ipipMode: 'Always', vxlanMode: 'Never' },
  { ...POOL, name: 'vxlan', cidr: prefix('fd00:10:244::/56'), blockSize: 122, ipipMode: 'Never', vxlanMode: 'Always' },
];

const N1 = nodeSettings('n1', '192.168.60.1/24', {
  secondAddress: prefix('fd00:60::1/64'),
  blocks: [prefix('10.244.1.0/26'), prefix('fd00:10:244::40/122')],
  tunnelAddress: ip('10.244.1.0'),
  secondTunnelAddress: ip('fd00:10:244::40'),
});

function endpoint(name: string, interfaceName: string | undefined, ...expected: readonly string[]): HostEndpoint {
  return {
    ...{ kind: 'HostEndpoint', name, labels: {}, annotations: {}, node: 'n1', profiles: [], ports: [] },
    ...(interfaceName === undefined ? {} : { interfaceName }),
    expectedIps: expected.map(ip),
  };
}

const CARD = ['192.168.60.1', 'fd00:60::1'] as const;

describe('a host endpoint', () => {
  test.each<[string, readonly HostEndpoint[], readonly string[]]>([
    ['of an IPv4 address is for the card of both families', [endpoint('a', undefined, CARD[0])], ['eth0 a']],
    ['of an IPv6 address is for the card of both families', [endpoint('a', undefined, CARD[1])], ['eth0 a']],
    ['of both addresses is for the card once', [endpoint('a', undefined, ...CARD)], ['eth0 a']],
    [
      'of an address that nobody has and one of the card is for the card',
      [endpoint('a', undefined, '192.0.2.1', CARD[1])],
      ['eth0 a'],
    ],
    ['of an address that nobody has is for no device', [endpoint('a', undefined, '192.0.2.1')], []],
    ['of the IPv4 address of the tunnel is for the IPIP device', [endpoint('a', undefined, '10.244.1.0')], ['tunl0 a']],
    [
      'of the IPv6 address of the tunnel is for the VXLAN device of IPv6, though IPv4 has IPIP',
      [endpoint('a', undefined, 'fd00:10:244::40')],
      ['vxlan-v6.calico a'],
    ],
    [
      'of several addresses is for the device of each',
      [endpoint('a', undefined, CARD[1], '10.244.1.0', 'fd00:10:244::40')],
      ['eth0 a', 'tunl0 a', 'vxlan-v6.calico a'],
    ],
    ['with a device is for that device, whatever it expects', [endpoint('a', 'lo', CARD[0])], ['lo a']],
    [
      'is the one for its device when its name is first, by address as by device',
      [endpoint('b', 'eth0'), endpoint('a', undefined, CARD[1])],
      ['eth0 a'],
    ],
    ['of the device of a Pod is for none', [endpoint('a', 'cali27f0827a56d')], []],
  ])('%s', (_, hostEndpoints, wanted) => {
    const cluster = { ...calicoCluster({ nodes: [N1], ipPools: POOLS }), hostEndpoints };
    const active = hostEndpointsOn({ cluster, allPools: ipPools(cluster) }, 'n1');
    expect(active.map(({ device, endpoint: { name } }) => `${device} ${name}`)).toEqual(wanted);
    // The engine that knows no chains finds the same.
    const governed = governedDevices(cluster, []).get('n1') ?? [];
    expect(
      [...governed].map(
        ([
          device,
          {
            endpoint: { name },
          },
        ]) => `${device} ${name}`,
      ),
    ).toEqual(wanted);
  });
});
