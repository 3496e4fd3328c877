/** Names of a service port's chains, each hashed once, however many nodes ask. */
import type { ProxyServicePort } from '../service-port.ts';
import { type ServiceChainKind, serviceChainName } from './chain-names.ts';

const names = new WeakMap<ProxyServicePort, Map<ServiceChainKind, string>>();

/** The name of one of the port's chains; hashed once, however many nodes ask. */
export function chainName(kind: ServiceChainKind, port: ProxyServicePort): string {
  let known = names.get(port);
  if (known === undefined) {
    known = new Map();
    names.set(port, known);
  }
  let name = known.get(kind);
  if (name === undefined) {
    name = serviceChainName(kind, port.text, port.protocol);
    known.set(kind, name);
  }
  return name;
}
