import type { CniCompiler } from '../../parts.ts';
import { compileCalico } from './calico.ts';

/** Calico with BGP, IPIP or VXLAN, and Felix on iptables. */
export const calico: CniCompiler = {
  name: 'calico',
  forCluster: (cluster, origins) => compileCalico({ cluster, origins }),
};
