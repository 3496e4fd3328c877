/** kube-proxy in IPVS mode. */
import type { Cluster } from '../../../cluster/cluster.ts';
import { SCHEDULER_NAMES } from '../../../kernel/ipvs/virtual-server.ts';
import type { DeviceSpec } from '../../../kernel/netns-spec.ts';
import { hostPrefix } from '../../../net/prefix.ts';
import type { OriginTable } from '../../origin.ts';
import type { Note, Parts, ProxyCompiler } from '../../parts.ts';
import { daemonListeners } from '../daemon-listeners.ts';
import { proxyOrigins } from '../iptables/origins.ts';
import { familyRules } from './family-rules.ts';

export const ipvsProxy: ProxyCompiler = {
  name: 'ipvs',
  forCluster(cluster, origins) {
    const [version4, version6] = [familyRules(cluster, 4, origins), familyRules(cluster, 6, origins)];
    const listeners = daemonListeners(cluster);
    const nodes = new Map(cluster.settings.nodes.map((node) => [node.name, node]));
    return {
      notes: notesOf(cluster),
      node(name, addresses = () => []): Parts {
        const node = nodes.get(name);
        const families = [version4, ...(version6.used() ? [version6] : [])].map((rules) =>
          rules.node(name, node, addresses()),
        );
        const [iptables, ip6tables] = families.map((rules) => rules.iptables);
        const bound = families.flatMap((rules) => rules.bound);
        return {
          devices: [dummyDevice(cluster, origins, bound)],
          ipvs: () => families.flatMap((rules) => rules.ipvs()),
          ipsets: families.flatMap((rules) => rules.ipsets),
          ...(iptables === undefined ? {} : { iptables }),
          ...(ip6tables === undefined ? {} : { ip6tables }),
          sysctls: { ...SYSCTLS, ...(cluster.settings.proxy.ipvs.strictARP ? STRICT_ARP : {}) },
          listeners: listeners(node),
        };
      },
    };
  },
};

/** On kernels before 5.9 conn_reuse_mode would be 0 as well (kubernetes/kubernetes#93297). */
const SYSCTLS = {
  'net.ipv4.vs.conntrack': '1',
  'net.ipv4.vs.expire_nodest_conn': '1',
  'net.ipv4.vs.expire_quiescent_template': '1',
  'net.ipv4.ip_forward': '1',
} as const;

const STRICT_ARP = { 'net.ipv4.conf.all.arp_ignore': '1', 'net.ipv4.conf.all.arp_announce': '2' } as const;

/** It is down and answers no ARP, yet its addresses are local: that is all it is for. */
function dummyDevice(cluster: Cluster, origins: OriginTable, bound: DummyAddresses): DeviceSpec {
  return {
    kind: 'dummy',
    name: 'kube-ipvs0',
    up: false,
    addresses: bound.map((ip) => ({ ip, bits: hostPrefix(ip).bits, scope: 'global' })),
    origin: proxyOrigins(cluster, origins).plumbing(),
  };
}

type DummyAddresses = ReturnType<ReturnType<typeof familyRules>['node']>['bound'];

function notesOf(cluster: Cluster): readonly Note[] {
  const { scheduler } = cluster.settings.proxy.ipvs;
  const notes: Note[] = [];
  if (SCHEDULER_NAMES.every((name) => name !== scheduler))
    notes.push({
      code: 'MODEL_UNSUPPORTED',
      message: `IPVS has no scheduler ${scheduler}: kube-proxy would not start; rr is taken in its place`,
    });
  const words = SCHEDULER_NOTES.get(scheduler);
  if (words !== undefined) notes.push({ code: 'IPVS_SCHEDULER', message: `IPVS scheduler ${scheduler}: ${words}` });
  return notes;
}

const PAST = 'which server is next depends on connections before this one, so each has its share of the paths';
const HASH =
  'the server follows from the packet, and from the order in which kube-proxy added the servers; that order is taken to be the sorted one';

const SCHEDULER_NOTES: ReadonlyMap<string, string> = new Map([
  ...['rr', 'wrr', 'lc', 'wlc', 'lblc', 'lblcr', 'sed', 'nq', 'ovf', 'twos'].map((name) => [name, PAST] as const),
  ...['sh', 'dh'].map((name) => [name, HASH] as const),
]);
