/** What selectors, named ports and Services mean in addresses: Pods, network sets and host endpoints (felix/labelindex). */
import type { Labels, Pod } from '../../../cluster/objects.ts';
import { type LabelLookup, type Selector, selects } from '../../../cluster/policy/selector.ts';
import type { IpsetEntries } from '../../../kernel/netfilter/ipset.ts';
import { assertNever } from '../../../lib/assert.ts';
import { lazy } from '../../../lib/lazy.ts';
import { type Family, familyOf, type IpAddr, isIp4, printIp } from '../../../net/address.ts';
import { type Prefix, printPrefix } from '../../../net/prefix.ts';
import { lowerProtocol } from '../../proxy/service-port.ts';
import type { CalicoContext } from './context.ts';
import { hostEndpointLookup, isOfNamespace, isOfPod, namespaceLookup, networkSetLookup, podLookup } from './labels.ts';
import { isEndpoint } from './workload.ts';

export type EndpointMembers = {
  /** Addresses and networks of what the selector selects. */
  networks(selector: Selector): IpsetEntries;
  /** `10.0.0.1,tcp:80`: ports of this name. */
  ports(selector: Selector, protocol: 'tcp' | 'udp' | 'sctp', port: string): IpsetEntries;
  /** Endpoints of a Service, ready or not. */
  service(namespace: string, name: string, withPorts: boolean): IpsetEntries;
};

export function endpointMembers({ cluster, family }: CalicoContext): EndpointMembers {
  const namespaces = lazy(() => [...new Set(cluster.pods.map(({ namespace }) => namespace))]);
  const podsOf = (selector: Selector): readonly Pod[] => {
    const wanted = ownLabels(selector);
    const narrow = Object.keys(wanted).length > 0;
    return namespaces().flatMap((namespace) => {
      const decided = decide(selector, namespaceLookup(cluster, namespace));
      if (decided === false) return [];
      if (decided === true) return cluster.podsInNamespace(namespace).filter(isEndpoint);
      const candidates = narrow ? cluster.podsWithLabels(namespace, wanted) : cluster.podsInNamespace(namespace);
      return candidates.filter((pod) => isEndpoint(pod) && selects(selector, podLookup(cluster, pod)));
    });
  };
  const hostsOf = (selector: Selector) =>
    cluster.hostEndpoints.filter((endpoint) => selects(selector, hostEndpointLookup(cluster, endpoint)));
  return {
    networks: (selector) => [
      ...podsOf(selector).flatMap(({ ips }) => ofFamily(ips, family)),
      ...hostsOf(selector).flatMap(({ expectedIps }) => ofFamily(expectedIps, family)),
      ...cluster.networkSets
        .filter((set) => selects(selector, networkSetLookup(cluster, set)))
        .flatMap(({ nets }) => nets.filter(({ addr }) => familyOf(addr) === family))
        .flatMap(halves),
    ],
    ports: (selector, protocol, port) => [
      ...podsOf(selector).flatMap((pod) => {
        const found = pod.ports.filter((each) => each.name === port && lowerProtocol(each.protocol) === protocol);
        return withPorts(ofFamily(pod.ips, family), protocol, found);
      }),
      ...hostsOf(selector).flatMap(({ expectedIps, ports }) => {
        const found = ports.filter((each) => each.name === port && PROTOCOLS[each.protocol.number] === protocol);
        return withPorts(ofFamily(expectedIps, family), protocol, found);
      }),
    ],
    service: (namespace, name, ports) => {
      const service = cluster.service(namespace, name);
      const slices = service === undefined ? [] : cluster.slicesOf(service).filter((each) => each.family === family);
      return slices.flatMap((slice) =>
        slice.endpoints.flatMap(({ ip }): IpsetEntries => {
          if (!ports) return [ip];
          return slice.ports.flatMap(({ protocol, port }) =>
            port === undefined ? [] : [`${printIp(ip)},${lowerProtocol(protocol)}:${port}`],
          );
        }),
      );
    },
  };
}

const PROTOCOLS: Readonly<Record<number, 'tcp' | 'udp' | 'sctp'>> = { 6: 'tcp', 17: 'udp', 132: 'sctp' };

function withPorts(
  ips: readonly IpAddr[],
  protocol: string,
  ports: readonly { readonly port: number }[],
): readonly string[] {
  return ips.flatMap((ip) => ports.map(({ port }) => `${printIp(ip)},${protocol}:${port}`));
}

function ofFamily(ips: readonly IpAddr[], family: Family): readonly IpAddr[] {
  return ips.filter((ip) => familyOf(ip) === family);
}

/** The kernel's hash:net takes no prefix of length 0: Felix writes its two halves. */
function halves(prefix: Prefix): readonly string[] {
  if (prefix.bits > 0) return [printPrefix(prefix)];
  return isIp4(prefix.addr) ? ['0.0.0.0/1', '128.0.0.0/1'] : ['::/1', '8000::/1'];
}

/** Labels that a Pod itself must carry to be selected: the index of Pods finds those at once. Others may be needed beside them. */
function ownLabels(selector: Selector): Labels {
  const terms = selector.kind === 'and' ? selector.operands : [selector];
  const wanted: Record<string, string> = Object.create(null);
  for (const term of terms) {
    if (term.kind === 'equal' && isOfPod(term.label)) wanted[term.label] = term.value;
    else if (term.kind === 'and') Object.assign(wanted, ownLabels(term));
  }
  return wanted;
}

/**
 * What the labels of a namespace alone say about the selector: undefined where it depends on the Pod. It spares looking
 * at every Pod of a large cluster.
 */
function decide(selector: Selector, labels: LabelLookup): boolean | undefined {
  switch (selector.kind) {
    case 'all':
    case 'global':
      return true;
    case 'not': {
      const inner = decide(selector.operand, labels);
      return inner === undefined ? undefined : !inner;
    }
    case 'and':
    case 'or': {
      const ends = selector.kind === 'or';
      const found = selector.operands.map((operand) => decide(operand, labels));
      if (found.includes(ends)) return ends;
      return found.includes(undefined) ? undefined : !ends;
    }
    case 'has':
    case 'equal':
    case 'not-equal':
    case 'contains':
    case 'starts-with':
    case 'ends-with':
    case 'in':
    case 'not-in':
      return isOfNamespace(selector.label) ? selects(selector, labels) : undefined;
    default:
      return assertNever(selector);
  }
}
