/** Which backends of a Service share one fate, by all that the input says about them. */
import type { Pod } from '../../cluster/objects.ts';
import type { NodeSettings } from '../../cluster/settings.ts';
import { type DispatchCost, dispatchCosts } from '../../compile/cni/calico/dispatch.ts';
import { podInterfaceName } from '../../compile/cni/calico/names.ts';
import { isEndpoint } from '../../compile/cni/calico/workload.ts';
import { nodeSubnet } from '../../compile/cni/network.ts';
import { nodeNetnsId, podNetnsId } from '../../compile/netns-names.ts';
import type { ExplainContext } from '../../explain/context.ts';
import type { NetnsId } from '../../kernel/netns-id.ts';
import type { Alternative } from '../../kernel/walk/alternatives.ts';
import type { Alike } from '../../kernel/walk/explore-alike.ts';
import type { FanOut } from '../../kernel/walk/fan-out.ts';
import type { Path } from '../../kernel/walk/step.ts';
import { lazy, memoize } from '../../lib/lazy.ts';
import { familyOf, type IpAddr } from '../../net/address.ts';
import { contains } from '../../net/prefix.ts';
import type { Loaded } from '../../topology/load.ts';
import { contextOf } from '../context-of.ts';
import { countDispatches } from './last-machines.ts';
import { nodeKinds } from './node-kinds.ts';
import { podKinds } from './pod-kinds.ts';
import { isRegular } from './regular.ts';
import { wayTo } from './routes-alike.ts';

/** A backend that may be alike others: a Pod of its own network namespace on a known node. */
type Backend = {
  readonly ip: IpAddr;
  readonly pod: NetnsId;
  readonly node: NodeSettings;
  readonly device: string | undefined;
  readonly kind: string;
};

/** What is known of one topology, kept for all questions. */
type Knowledge = {
  backend(ip: IpAddr): Backend | undefined;
  /** The way from a machine. */
  way(netns: NetnsId): (ip: IpAddr) => string | undefined;
  /** Rules to the chains of a Pod, by its node and device. */
  costs(node: string): ReadonlyMap<string, DispatchCost>;
};

const kept = new WeakMap<Loaded, Knowledge | undefined>();

/** undefined where something in the input may tell backends apart that look alike: then every one is to be walked. */
export function alikeBackends(loaded: Loaded, least: number): Alike | undefined {
  if (!kept.has(loaded)) kept.set(loaded, isRegular(loaded) ? knowledgeOf(loaded) : undefined);
  const knowledge = kept.get(loaded);
  return knowledge === undefined ? undefined : new AlikeBackends(knowledge, least);
}

/** A short name for each different text. */
function shortener(): (text: string) => string {
  const names = new Map<string, string>();
  return (text) => {
    const known = names.get(text) ?? String(names.size);
    names.set(text, known);
    return known;
  };
}

function knowledgeOf(loaded: Loaded): Knowledge {
  const [shortKind, shortWay] = [shortener(), shortener()];
  const { cluster, world } = loaded;
  const context = contextOf(loaded);
  const nodes = lazy(() => new Map(cluster.settings.nodes.map((node) => [node.name, node])));
  const kindOfNode = nodeKinds(cluster);
  const kindOfPod = podKinds(cluster);
  // Felix gives each Pod a device and chains of its own; flannel alone puts all on one bridge.
  const { plugin } = cluster.settings.cni;
  const hasChains = plugin !== 'flannel';
  const deviceOf = memoize((pod: Pod) => podInterfaceName(pod.namespace, pod.name));
  const backend = memoize((ip: IpAddr): Backend | undefined => {
    const pod = cluster.podByIp(ip);
    const node = nodes().get(pod?.node ?? '');
    if (pod === undefined || node === undefined || isSpecial(loaded, context, ip)) return undefined;
    const [ofNode, ofPod] = [kindOfNode(node.name), kindOfPod(pod)];
    if (ofNode === undefined || ofPod === undefined) return undefined;
    // flannel's rules know the ranges of nodes: an address out of another one is translated where others are not.
    const subnet = nodeSubnet(cluster, node.name, familyOf(ip));
    const isOfNode = subnet !== undefined && contains(subnet, ip);
    if (!isOfNode && plugin !== 'calico') return undefined;
    const device = hasChains ? deviceOf(pod) : undefined;
    return {
      ip,
      pod: podNetnsId(pod.namespace, pod.name),
      node,
      device,
      kind: shortKind(`${isOfNode}\n${ofNode}\n${ofPod}`),
    };
  });
  return {
    backend,
    way: memoize((netns) =>
      memoize((ip) => {
        const end = backend(ip);
        if (end === undefined) return undefined;
        const way = wayTo(world.netns(netns), end, nodeNetnsId(end.node.name) === netns, context);
        return way === undefined ? undefined : shortWay(way);
      }),
    ),
    costs: memoize((node) =>
      hasChains ? dispatchCosts(cluster.podsOnNode(node).filter(isEndpoint).map(deviceOf)) : new Map(),
    ),
  };
}

/** Somebody else knows the address, too. */
function isSpecial({ world }: Loaded, context: ExplainContext, ip: IpAddr): boolean {
  return world.holdersOf(ip).length !== 1 || context.serviceAt(ip) !== undefined;
}

class AlikeBackends implements Alike {
  readonly least: number;
  readonly #knowledge: Knowledge;
  readonly #dispatches = new WeakMap<Path, { readonly count: number | undefined }>();

  constructor(knowledge: Knowledge, least: number) {
    this.#knowledge = knowledge;
    this.least = least;
  }

  kindOf({ destination }: Alternative, { netns, visited }: FanOut): string | undefined {
    const backend = this.#knowledge.backend(destination);
    if (backend === undefined || visited.has(backend.pod)) return undefined;
    const way = this.#knowledge.way(netns)(destination);
    if (way === undefined) return undefined;
    const { node, kind } = backend;
    // A node that the packet has come by, or that its answer goes to, is like no other.
    const near = visited.has(nodeNetnsId(node.name)) ? node.name : '';
    return `${way} ${kind} ${near}`;
  }

  statsOf(other: Alternative, walked: Alternative, path: Path, fan: FanOut): Path['stats'] | undefined {
    const dispatches = this.#dispatchesOf(walked, path, fan);
    const [own, their] = [this.#costOf(walked), this.#costOf(other)];
    if (dispatches === undefined || own === undefined || their === undefined) return undefined;
    const { rulesExamined, chainsEntered } = path.stats;
    return {
      rulesExamined: rulesExamined + other.misses - walked.misses + dispatches * (their.rules - own.rules),
      chainsEntered: chainsEntered + dispatches * (their.chains - own.chains),
    };
  }

  #dispatchesOf({ destination }: Alternative, path: Path, fan: FanOut): number | undefined {
    let known = this.#dispatches.get(path);
    if (known === undefined) {
      const backend = this.#knowledge.backend(destination);
      const count =
        backend === undefined
          ? undefined
          : countDispatches(path, {
              node: nodeNetnsId(backend.node.name),
              pod: backend.pod,
              device: backend.device,
              before: fan.visited,
            });
      known = { count };
      this.#dispatches.set(path, known);
    }
    return known.count;
  }

  #costOf({ destination }: Alternative): DispatchCost | undefined {
    const backend = this.#knowledge.backend(destination);
    if (backend === undefined) return undefined;
    const { device, node } = backend;
    return device === undefined ? { rules: 0, chains: 0 } : this.#knowledge.costs(node.name).get(device);
  }
}
