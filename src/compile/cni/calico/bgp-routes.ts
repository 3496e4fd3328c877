/** Which nodes' routes a speaker learns, directly or through route reflectors and routers. */
import type { NodeSettings } from '../../../cluster/settings.ts';
import type { BgpNetwork, Session, Speaker } from './bgp.ts';

/** Longer chains of reflectors are not followed. */
const MAX_TRANSIT = 4;

/** One speaker of the way back from the learner; `next` is whom it advertises to. */
type Transit = { readonly speaker: Speaker; readonly next: Speaker; readonly path: readonly Speaker[] };

/**
 * Asks whether a speaker learns what a node originates. RFC 4271 section 9.2: a route learnt from an internal peer goes
 * to external peers only, unless the speaker is a route reflector (RFC 4456) and one of the two is its client. Only
 * reflectors and speakers outside are followed as transit; ordinary nodes between two external peers are not.
 */
export function routeLearner(bgp: BgpNetwork, learner: Speaker): (origin: NodeSettings) => boolean {
  const transits = findTransits(bgp, learner);
  return (node) => {
    const origin: Speaker = { kind: 'node', node };
    if (bgp.connected(learner, origin)) return true;
    return transits.some(
      ({ speaker, next, path }) =>
        bgp.connected(speaker, origin) &&
        readvertises(bgp, origin, speaker, next) &&
        isLoopFree(bgp, [origin, ...path]),
    );
  };
}

function findTransits(bgp: BgpNetwork, learner: Speaker): readonly Transit[] {
  const candidates: readonly Speaker[] = [
    ...bgp.reflectors.map((node): Speaker => ({ kind: 'node', node })),
    ...bgp.outside,
  ];
  const found: Transit[] = [];
  const visited = new Set([keyOf(learner)]);
  let frontier: readonly Transit[] = [{ speaker: learner, next: learner, path: [learner] }];
  for (let depth = 0; depth < MAX_TRANSIT && frontier.length > 0; depth++) {
    const reached: Transit[] = [];
    for (const { speaker: next, next: after, path } of frontier) {
      for (const speaker of candidates) {
        if (visited.has(keyOf(speaker)) || !bgp.connected(speaker, next)) continue;
        if (next !== learner && !readvertises(bgp, speaker, next, after)) continue;
        visited.add(keyOf(speaker));
        reached.push({ speaker, next, path: [speaker, ...path] });
      }
    }
    found.push(...reached);
    frontier = reached;
  }
  return found;
}

/** Whether `speaker` passes a route from `from` on to `to`. */
function readvertises(bgp: BgpNetwork, from: Speaker, speaker: Speaker, to: Speaker): boolean {
  const own = bgp.asNumberOf(speaker);
  if (bgp.asNumberOf(from) !== own || bgp.asNumberOf(to) !== own) return true;
  return isClient(speaker, from) || isClient(speaker, to);
}

/** Whether the reflector serves the peer as a client: the peer has no cluster id or another one (confd's bird.cfg template). */
function isClient(reflector: Speaker, peer: Speaker): boolean {
  // An outside speaker of the same AS is taken for a reflector: a peering with it would be of no use otherwise.
  if (reflector.kind === 'outside') return true;
  const own = reflector.node.routeReflectorClusterId;
  if (own === undefined) return false;
  return peer.kind === 'outside' || peer.node.routeReflectorClusterId !== own;
}

/**
 * No AS comes twice (RFC 4271 section 9.1.2), and no route comes back to a cluster of reflectors that it has passed
 * (RFC 4456 section 8): reflectors with one id do not serve as each other's spare. Leaving the AS clears that list.
 */
function isLoopFree(bgp: BgpNetwork, path: readonly Speaker[]): boolean {
  const systems = path.map((speaker) => bgp.asNumberOf(speaker)).filter((as, i, all) => as !== all[i - 1]);
  if (systems.length > 1) return new Set(systems).size === systems.length;
  const clusters = path
    .slice(1)
    .flatMap((speaker) => (speaker.kind === 'node' ? (speaker.node.routeReflectorClusterId ?? []) : []));
  return new Set(clusters).size === clusters.length;
}

function keyOf(speaker: Speaker): string | number | bigint {
  return speaker.kind === 'node' ? speaker.node.name : speaker.address;
}

/** Why a node does not learn what another originates, for a report. */
export type NotLearned =
  | { readonly kind: 'session-down'; readonly session: Session }
  /** Neither a session nor a reflector between the two: the mesh is off, say. */
  | { readonly kind: 'no-session' };

export function whyNotLearned(bgp: BgpNetwork, learner: NodeSettings, origin: NodeSettings): NotLearned {
  const direct = bgp.session(learner, { kind: 'node', node: origin });
  if (direct?.problem !== undefined) return { kind: 'session-down', session: direct };
  // Without a session of their own, the first reflector with trouble on either side is the cause.
  for (const node of bgp.reflectors) {
    for (const end of [learner, origin]) {
      const session = bgp.session(end, { kind: 'node', node });
      if (session?.problem !== undefined) return { kind: 'session-down', session };
    }
  }
  return { kind: 'no-session' };
}
