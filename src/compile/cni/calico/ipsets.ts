/** Calico's IP sets. Members are worked out when a packet first asks. */
import type { Cluster } from '../../../cluster/cluster.ts';
import type { Pod } from '../../../cluster/objects.ts';
import { selects } from '../../../cluster/policy/selector.ts';
import type { NodeSettings } from '../../../cluster/settings.ts';
import { type Ipset, type IpsetEntries, makeIpset } from '../../../kernel/netfilter/ipset.ts';
import { type Lazy, lazy } from '../../../lib/lazy.ts';
import { type Family, familyOf, type IpAddr, printIp } from '../../../net/address.ts';
import { printPrefix } from '../../../net/prefix.ts';
import { lowerProtocol } from '../../proxy/service-port.ts';
import type { CalicoContext } from './context.ts';
import { namespaceLookup, type PeerSelector, podLookup } from './kubernetes-selector.ts';
import { setName } from './names.ts';
import type { SetRequest } from './policy-rules.ts';
import { encapsulations } from './pools.ts';
import { isEndpoint } from './workload.ts';

/** felix/ipsets: Felix creates sets with room for a million members; the rest is the kernel's default. */
const OPTIONS = 'hashsize 1024 maxelem 1048576';

function netSet(context: CalicoContext, name: string, entries: Lazy<IpsetEntries>): Ipset {
  return makeIpset({
    name,
    type: 'hash:net',
    family: context.family,
    options: OPTIONS,
    entries,
    origin: context.origins.plumbing(),
  });
}

/** Sets that every node has: the pools, and the other nodes where tunnels are filtered. */
export function staticSets(context: CalicoContext, node: string): readonly Ipset[] {
  const { pools, nodes } = context;
  const { ipip, vxlan } = encapsulations(pools);
  const addresses = (of: readonly NodeSettings[]): readonly IpAddr[] => of.map(({ address }) => address.addr);
  const set = (id: string, entries: Lazy<IpsetEntries>): Ipset => netSet(context, setName(id, context.family), entries);
  return [
    set(
      'masq-ipam-pools',
      lazy(() => pools.filter(({ natOutgoing }) => natOutgoing).map(({ cidr }) => printPrefix(cidr))),
    ),
    set(
      context.version.allPools,
      lazy(() => pools.map(({ cidr }) => printPrefix(cidr))),
    ),
    ...(ipip
      ? [
          set(
            'all-hosts-net',
            lazy(() => addresses(nodes)),
          ),
        ]
      : []),
    ...(vxlan
      ? [
          set(
            'all-vxlan-net',
            lazy(() => addresses(nodes.filter(({ name }) => name !== node))),
          ),
        ]
      : []),
  ];
}

/** Makes the sets that policies ask for, each once for all nodes. */
export function policySets(context: CalicoContext): (request: SetRequest) => Ipset {
  const { cluster, family } = context;
  const namespaces = lazy(() => [...new Set(cluster.pods.map(({ namespace }) => namespace))]);
  const byName = new Map<string, Ipset>();
  const make = (request: SetRequest): Ipset => {
    if (request.kind === 'selector') {
      const members = lazy(() =>
        selectedPods(cluster, namespaces(), request.selector).flatMap((pod) => addressesOf(pod, family)),
      );
      return netSet(context, request.name, members);
    }
    const entries = lazy(() =>
      selectedPods(cluster, namespaces(), request.selector).flatMap((pod) => {
        const ports = pod.ports.filter(
          ({ name, protocol }) => name === request.port && lowerProtocol(protocol) === request.protocol,
        );
        return addressesOf(pod, family).flatMap((ip) =>
          ports.map(({ port }) => `${printIp(ip)},${request.protocol}:${port}`),
        );
      }),
    );
    const origin = context.origins.plumbing();
    return makeIpset({ name: request.name, type: 'hash:ip,port', family, options: OPTIONS, entries, origin });
  };
  return (request) => {
    const known = byName.get(request.name) ?? make(request);
    byName.set(request.name, known);
    return known;
  };
}

/** The endpoints that a peer means: hosts and Pods on the host network are none. */
function selectedPods(
  cluster: Cluster,
  namespaces: readonly string[],
  selector: PeerSelector | undefined,
): readonly Pod[] {
  return namespaces
    .filter((name) => selector === undefined || selects(selector.namespaces, namespaceLookup(cluster, name)))
    .flatMap((name) => cluster.podsInNamespace(name))
    .filter((pod) => isEndpoint(pod) && (selector === undefined || selects(selector.pods, podLookup(cluster, pod))));
}

function addressesOf({ ips }: Pod, family: Family): readonly IpAddr[] {
  return ips.filter((ip) => familyOf(ip) === family);
}
