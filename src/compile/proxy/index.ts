/** The list of kube-proxy's modes. */
import type { ProxySettings } from '../../cluster/settings.ts';
import type { ProxyCompiler } from '../parts.ts';
import { iptablesProxy } from './iptables/index.ts';
import { ipvsProxy } from './ipvs/index.ts';
import { nftablesProxy } from './nftables/index.ts';

type Mode = ProxySettings['mode'];

/** No kube-proxy runs: packets to Service addresses follow the routes like any others. */
const noProxy: ProxyCompiler = { name: 'none', forCluster: () => ({ notes: [], node: () => ({}) }) };

export const PROXY_MODES: Readonly<Record<Mode, ProxyCompiler>> = {
  iptables: iptablesProxy,
  ipvs: ipvsProxy,
  nftables: nftablesProxy,
  none: noProxy,
};
