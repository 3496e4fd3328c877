/** Loads manifests with the settings of a small cluster, for the tests of this folder. */
import type { Cluster } from '../../src/cluster/cluster.ts';
import { type LoadedCluster, type LoadOptions, loadCluster } from '../../src/cluster/load-cluster.ts';
import type { ClusterSettings, NodeSettings } from '../../src/cluster/settings.ts';
import { invariant } from '../../src/lib/assert.ts';
import type { Issue, Result } from '../../src/lib/result.ts';
import { type IpAddr, parseIp } from '../../src/net/address.ts';
import { type Prefix, parsePrefix } from '../../src/net/prefix.ts';
import { splitDocuments } from '../../src/topology/documents.ts';

export function ip(text: string): IpAddr {
  const address = parseIp(text);
  invariant(address !== undefined, text);
  return address;
}

export function prefix(text: string): Prefix {
  const parsed = parsePrefix(text);
  invariant(parsed !== undefined, text);
  return parsed;
}

export function node(name: string, address: string, more: Partial<NodeSettings> = {}): NodeSettings {
  return {
    ...{ name, address: prefix(address), interface: 'eth0', controlPlane: false, mtu: 1500, segment: 'lan' },
    ...{ sysctls: {}, listen: [] },
    ...more,
  };
}

export const SETTINGS: ClusterSettings = {
  ...{ name: 'lab', kubernetesVersion: '1.34', calicoVersion: '3.31', clusterDomain: 'cluster.local' },
  defaultNamespace: 'default',
  podCIDRs: [prefix('10.244.0.0/16')],
  serviceCIDRs: [prefix('10.96.0.0/12')],
  nodePortRange: { first: 30000, last: 32767 },
  proxy: {
    ...{ mode: 'iptables', clusterCIDRs: [prefix('10.244.0.0/16')], detectLocalMode: 'ClusterCIDR' },
    ...{ masqueradeAll: false, localhostNodePorts: true, nodePortAddresses: [], randomFully: true },
    ipvs: { scheduler: 'rr', strictARP: false },
  },
  cni: { plugin: 'flannel', flannel: { backend: 'vxlan' } },
  loadBalancer: { provider: 'none' },
  nodes: [
    node('master', '10.0.0.80/24', { controlPlane: true }),
    node('worker1', '10.0.0.81/24'),
    node('worker2', '10.0.0.82/24'),
  ],
  bgpFaults: [],
};

export function load(
  text: string,
  settings: Partial<ClusterSettings> = {},
  options: LoadOptions = {},
): Result<LoadedCluster> {
  const { documents, issues } = splitDocuments([{ file: 'a.yaml', text }]);
  if (issues.length > 0) return { ok: false, issues };
  return loadCluster(documents, { ...SETTINGS, ...settings }, options);
}

export function clusterOf(text: string, settings: Partial<ClusterSettings> = {}): Cluster {
  const loaded = load(text, settings);
  invariant(loaded.ok, loaded.ok ? '' : print(loaded.issues).join('\n'));
  return loaded.value.cluster;
}

/** `error 7:15 message (hint)` */
export function print(issues: readonly Issue[]): readonly string[] {
  return issues.map(
    ({ severity, at, message, hint }) =>
      `${severity} ${at === undefined ? '-' : `${at.line}:${at.column}`} ${message}${hint === undefined ? '' : ` (${hint})`}`,
  );
}

/** All issues of a text: errors and warnings. */
export function problems(
  text: string,
  settings: Partial<ClusterSettings> = {},
  options: LoadOptions = {},
): readonly string[] {
  const loaded = load(text, settings, options);
  return print(loaded.ok ? loaded.value.warnings : loaded.issues);
}
