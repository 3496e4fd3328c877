/** Ports that host endpoint policy can never close, so that a mistake locks nobody out of a node (felix/config/config_params.go). */
import type { FailsafePort, FelixConfiguration } from './objects.ts';

export type Failsafes = { readonly inbound: readonly FailsafePort[]; readonly outbound: readonly FailsafePort[] };

const tcp = (port: number): FailsafePort => ({ protocol: 'tcp', port });
const udp = (port: number): FailsafePort => ({ protocol: 'udp', port });
const CONTROL_PLANE = [179, 2379, 2380, 5473, 6443, 6666, 6667].map(tcp);

/** Where nothing is configured: ssh and DHCP in, DNS and DHCP out, BGP, etcd, Typha and the API server both ways. */
export function failsafesOf(configuration: FelixConfiguration | undefined): Failsafes {
  return {
    inbound: configuration?.failsafeInbound ?? [tcp(22), udp(68), ...CONTROL_PLANE],
    outbound: configuration?.failsafeOutbound ?? [udp(53), udp(67), ...CONTROL_PLANE],
  };
}
