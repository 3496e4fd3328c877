/** Rules that lead from a service port's addresses to its chains, or refuse (syncProxyRules(), "Capture the clusterIP" and on). */
import type { RuleSpec } from '../../../kernel/netfilter/ruleset.ts';
import { printIp } from '../../../net/address.ts';
import { type Decisions, refusal } from '../decisions.ts';
import type { NodePortAddresses } from '../node-port-addresses.ts';
import type { ProxyServicePort } from '../service-port.ts';
import { chainName } from './chain-name.ts';
import type { ProxyOrigins } from './origins.ts';
import { comment, countedBy, protocol, towards } from './words.ts';

/** One port's rules in each of the chains that all Services share. */
export type DispatchRules = {
  readonly natServices: readonly RuleSpec[];
  readonly natNodePorts: readonly RuleSpec[];
  readonly filterServices: readonly RuleSpec[];
  readonly filterExternalServices: readonly RuleSpec[];
  readonly filterNodePorts: readonly RuleSpec[];
  readonly filterProxyFirewall: readonly RuleSpec[];
};

/** metrics.LocalhostNodePortAcceptedNFAcctCounter */
const LOCALHOST_COUNTER = 'localhost_nps_accepted_pkts';

/** @param countsLocalhost connections to NodePorts on 127.0.0.1 are counted: by a rule of their own, above the usual one */
export function dispatchRules(
  port: ProxyServicePort,
  decisions: Decisions,
  origins: ProxyOrigins,
  countsLocalhost = false,
): DispatchRules {
  const { hasAny, hasInternal, hasExternal, hasFirewallChain } = decisions;
  const service = origins.ofPort(port, 'service');
  const no = refusal(port, decisions);
  const refuse = (...match: readonly string[]): RuleSpec => ({
    args: [...comment(no.comment), ...match, '-j', no.target],
    origin: origins.ofPort(port, no.role),
  });
  const jump = (text: string, match: readonly string[], chain: string): RuleSpec => ({
    args: [...comment(text), ...match, '-j', chain],
    origin: service,
  });

  const natServices: RuleSpec[] = [];
  const natNodePorts: RuleSpec[] = [];
  const filterServices: RuleSpec[] = [];
  const filterExternalServices: RuleSpec[] = [];
  const filterNodePorts: RuleSpec[] = [];
  const filterProxyFirewall: RuleSpec[] = [];

  const clusterIp = towards(port, port.clusterIp);
  if (hasInternal)
    natServices.push(
      jump(`${port.text} cluster IP`, clusterIp, chainName(port.internalPolicyLocal ? 'SVL' : 'SVC', port)),
    );
  else filterServices.push(refuse(...clusterIp));

  for (const ip of port.externalIps) {
    if (hasAny) natServices.push(jump(`${port.text} external IP`, towards(port, ip), chainName('EXT', port)));
    if (!hasExternal) filterExternalServices.push(refuse(...towards(port, ip)));
  }
  for (const ip of port.loadBalancerIps) {
    if (hasAny)
      natServices.push(
        jump(`${port.text} loadbalancer IP`, towards(port, ip), chainName(hasFirewallChain ? 'FW' : 'EXT', port)),
      );
    if (hasFirewallChain) {
      filterProxyFirewall.push({
        args: [
          ...comment(`${port.text} traffic not accepted by ${chainName('FW', port)}`),
          ...towards(port, ip),
          '-j',
          'DROP',
        ],
        origin: origins.ofPort(port, 'service-source-range'),
      });
    }
    if (!hasExternal) filterExternalServices.push(refuse(...towards(port, ip)));
  }
  if (port.nodePort !== 0) {
    const match = [...protocol(port), '--dport', String(port.nodePort)];
    if (hasAny && countsLocalhost) {
      const onLoopback = [...protocol(port), '-d', '127.0.0.0/8', '--dport', String(port.nodePort)];
      natNodePorts.push(jump(port.text, [...onLoopback, ...countedBy(LOCALHOST_COUNTER)], chainName('EXT', port)));
    }
    if (hasAny) natNodePorts.push(jump(port.text, match, chainName('EXT', port)));
    if (!hasExternal) filterExternalServices.push(refuse('-m', 'addrtype', '--dst-type', 'LOCAL', ...match));
  }
  if (port.healthCheckNodePort !== 0) {
    const match = [...protocol({ protocol: 'tcp' }), '--dport', String(port.healthCheckNodePort)];
    filterNodePorts.push(jump(`${port.text} health check node port`, match, 'ACCEPT'));
  }
  return { natServices, natNodePorts, filterServices, filterExternalServices, filterNodePorts, filterProxyFirewall };
}

/** The end of nat KUBE-SERVICES: what is addressed to the node itself may be for a NodePort. */
export function nodePortsTail(
  { accept, localhost }: NodePortAddresses,
  family: 4 | 6,
  origins: ProxyOrigins,
): readonly RuleSpec[] {
  const rule = (...match: readonly string[]): RuleSpec => ({
    args: [
      ...comment('kubernetes service nodeports; NOTE: this must be the last rule in this chain'),
      ...match,
      '-j',
      'KUBE-NODEPORTS',
    ],
    origin: origins.plumbing(),
  });
  if (accept !== 'all') return accept.map((ip) => rule('-d', printIp(ip)));
  const local = ['-m', 'addrtype', '--dst-type', 'LOCAL'];
  if (family === 6) return [rule(...local, '!', '-d', '::1/128')];
  return [localhost ? rule(...local) : rule(...local, '!', '-d', '127.0.0.0/8')];
}
