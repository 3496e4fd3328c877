/** The list of kube-proxy's modes. */
import type { ProxySettings } from '../../cluster/settings.ts';
import type { ProxyCompiler } from '../parts.ts';
import { iptablesProxy } from './iptables/index.ts';
import { ipvsProxy } from './ipvs/index.ts';

type Mode = ProxySettings['mode'];

/** No kube-proxy runs: packets to Service addresses follow the routes like any others. */
const noProxy: ProxyCompiler = { name: 'none', forCluster: () => ({ notes: [], node: () => ({}) }) };

/** A mode of kube-proxy that is known by name only: nothing is compiled, and the answer says so. */
function unmodelled(mode: Mode): ProxyCompiler {
  const message = `kube-proxy's mode ${mode} is not modelled yet: Services have no rules on any node, so nothing that is said about a Service address holds`;
  return { name: mode, forCluster: () => ({ notes: [{ code: 'MODEL_UNSUPPORTED', message }], node: () => ({}) }) };
}

export const PROXY_MODES: Readonly<Record<Mode, ProxyCompiler>> = {
  iptables: iptablesProxy,
  ipvs: ipvsProxy,
  nftables: unmodelled('nftables'),
  none: noProxy,
};
