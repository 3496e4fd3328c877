/** Arguments that many of kube-proxy's rules share. */
import { type IpAddr, printIp } from '../../../net/address.ts';
import type { ProxyServicePort } from '../service-port.ts';

/** Bit 14, as a real kube-proxy writes it (--iptables-masquerade-bit). */
export const MASQUERADE_MARK = '0x00004000';

export function comment(text: string): readonly string[] {
  return ['-m', 'comment', '--comment', text];
}

/** A counter that kube-proxy reads for its metrics: the match itself always holds. */
export function countedBy(counter: string): readonly string[] {
  return ['-m', 'nfacct', '--nfacct-name', counter];
}

/** The protocol match: kube-proxy names the module before the protocol. */
export function protocol({ protocol: name }: { readonly protocol: string }): readonly string[] {
  return ['-m', name, '-p', name];
}

/** What is addressed to the service port under one of its addresses. */
export function towards(port: ProxyServicePort, ip: IpAddr): readonly string[] {
  return [...protocol(port), '-d', printIp(ip), '--dport', String(port.port)];
}
