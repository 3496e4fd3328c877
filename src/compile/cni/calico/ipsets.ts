import { encapsulations } from '../../../cluster/calico-pools.ts';
import type { NodeSettings } from '../../../cluster/settings.ts';
import { type Ipset, type IpsetEntries, makeIpset } from '../../../kernel/netfilter/ipset.ts';
import { type Lazy, lazy } from '../../../lib/lazy.ts';
import { familyOf, type IpAddr } from '../../../net/address.ts';
import { printPrefix } from '../../../net/prefix.ts';
import type { CalicoContext } from './context.ts';
import { THIS_HOST } from './endpoint-marks.ts';
import { endpointMembers } from './endpoint-members.ts';
import { setName } from './names.ts';
import type { SetRequest } from './set-request.ts';
import { tunnelDevices } from './tunnel-devices.ts';

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
    ...(context.cluster.settings.proxy.mode === 'ipvs' ? [thisHostSet(context, node)] : []),
  ];
}

/** What the node's own devices hold, but for kube-ipvs0 (felix/dataplane/linux/hostip_mgr.go, InterfaceExclude). */
function thisHostSet(context: CalicoContext, node: string): Ipset {
  const { family, nodes, origins } = context;
  const local = family === 4 ? '127.0.0.1' : '::1';
  return makeIpset({
    name: setName(THIS_HOST, family),
    type: 'hash:ip',
    family,
    options: OPTIONS,
    entries: lazy(() => [
      local,
      ...nodes
        .filter(({ name }) => name === node)
        .flatMap((own) => [
          own.address.addr,
          ...tunnelDevices(context, own).flatMap(({ addresses = [] }) => addresses.map(({ ip }) => ip)),
          ...context.othersOn(node).filter((ip) => familyOf(ip) === family),
        ]),
    ]),
    origin: origins.plumbing(),
  });
}

/** Makes the sets that policies ask for, each once for all nodes. */
export function policySets(context: CalicoContext): (request: SetRequest) => Ipset {
  const members = endpointMembers(context);
  const make = (request: SetRequest): Ipset => {
    const { name } = request;
    if (request.kind === 'selector') {
      return netSet(
        context,
        name,
        lazy(() => members.networks(request.selector)),
      );
    }
    if (request.kind === 'service') {
      const { namespace, service, withPorts } = request;
      const entries = lazy(() => members.service(namespace, service, withPorts));
      return withPorts ? portSet(context, name, entries) : netSet(context, name, entries);
    }
    const { selector, protocol, port } = request;
    return portSet(
      context,
      name,
      lazy(() => members.ports(selector, protocol, port)),
    );
  };
  return memoizeBy(({ name }) => name, make);
}

function portSet(context: CalicoContext, name: string, entries: Lazy<IpsetEntries>): Ipset {
  const { family, origins } = context;
  return makeIpset({ name, type: 'hash:ip,port', family, options: OPTIONS, entries, origin: origins.plumbing() });
}

function memoizeBy<T, V>(keyOf: (item: T) => string, make: (item: T) => V): (item: T) => V {
  const known = new Map<string, V>();
  return (item) => {
    const key = keyOf(item);
    const value = known.get(key) ?? make(item);
    known.set(key, value);
    return value;
  };
}
