/** The fold of judge.ts over all peers at once: peers that have the same outcome stay together in a block. */
import type { Cluster } from '../../cluster/cluster.ts';
import type { Family } from '../../net/address.ts';
import { type ConnectionSet, isEmpty } from '../connection-set.ts';
import type { End } from '../end.ts';
import { missOfTerm } from '../match-end.ts';
import { isPeerNeutral, trafficOfRule } from '../match-rule.ts';
import type { Direction, Policy, PolicyRule, PolicyTier } from '../rule-set.ts';
import { addBit, andBits, type Bits, hasBit, indexesOf, isEmptyBits, noBits, orBits, withoutBits } from './bit-set.ts';
import type { ConnectionTable } from './connection-table.ts';
import type { PeerIndex } from './peer-index.ts';
import type { Slot } from './pod-classes.ts';

/** Peers, and the number of what is allowed between them and the subject. */
export type AllowedBlock = { readonly peers: Bits; readonly allowed: number };

export type RowsInput = {
  readonly cluster: Cluster;
  readonly table: ConnectionTable;
  readonly index: PeerIndex;
  readonly slots: readonly Slot[];
  readonly watch?: RuleWatch;
};

/** A rule that means somebody, seen from one class of Pods. */
export type RuleUse = {
  /** Something that it matches was still undecided when its tier began. */
  readonly reached: boolean;
  /** Something that it matches was left to it. */
  readonly decides: boolean;
  readonly direction: Direction;
  readonly family: Family;
  readonly subject: End;
  /** The first slot that it means. */
  readonly peer: number;
};
/** Looking costs more than the fold itself: only rules that are still wanted are looked at. */
export type RuleWatch = {
  wants(rule: PolicyRule): boolean;
  tell(rule: PolicyRule, use: RuleUse): void;
};

/** A tier with those of its policies that select the subject and have the direction. */
export type SelectingTier = Pick<PolicyTier, 'defaultAction'> & { readonly policies: readonly Policy[] };

type Block = {
  readonly peers: Bits;
  readonly undecided: number;
  readonly allowed: number;
  readonly passed: number;
};

/** Blocks without a common peer that together hold `everybody`. */
export function directionRows(
  input: RowsInput,
  direction: Direction,
  family: Family,
  subject: End,
  tiers: readonly SelectingTier[],
  everybody: Bits,
): readonly AllowedBlock[] {
  const { table, watch } = input;
  let blocks: readonly Block[] = [{ peers: everybody, undecided: table.all, allowed: table.none, passed: table.none }];
  for (const { defaultAction, policies } of tiers) {
    const atEntry = blocks;
    for (const { rules } of policies) {
      for (const rule of rules[direction] ?? []) {
        for (const matches of matchesOf(input, rule, direction, family, subject, everybody)) {
          const { peers, connections } = matches;
          if (watch?.wants(rule) === true) {
            const [peer] = indexesOf(andBits(peers, everybody));
            const [reached, decides] = [isLeft(table, atEntry, matches), isLeft(table, blocks, matches)];
            if (peer !== undefined) watch.tell(rule, { reached, decides, direction, family, subject, peer });
          }
          blocks = blocks.flatMap((block) => applyRule(table, rule, block, peers, connections));
        }
      }
      blocks = merged(blocks);
    }
    blocks = merged(
      blocks.map(({ peers, undecided, allowed, passed }) => ({
        ...{ peers, allowed, passed: table.none },
        undecided: defaultAction === 'pass' ? table.unite(passed, undecided) : passed,
      })),
    );
  }
  return blocks.map(({ peers, undecided, allowed }) => ({ peers, allowed: table.unite(allowed, undecided) }));
}

/** Whether any of it is undecided. */
function isLeft(table: ConnectionTable, blocks: readonly Block[], { peers, connections }: Matches): boolean {
  return blocks.some(
    (block) =>
      table.intersect(block.undecided, connections) !== table.none && !isEmptyBits(andBits(block.peers, peers)),
  );
}

/** The block as it was, or in two where the rule decides about some of its peers. */
function applyRule(
  table: ConnectionTable,
  { action }: PolicyRule,
  block: Block,
  peers: Bits,
  connections: number,
): readonly Block[] {
  const hit = table.intersect(block.undecided, connections);
  if (hit === table.none || action === 'log') return [block];
  const inside = andBits(block.peers, peers);
  if (isEmptyBits(inside)) return [block];
  const decided: Block = {
    peers: inside,
    undecided: table.subtract(block.undecided, hit),
    allowed: action === 'allow' ? table.unite(block.allowed, hit) : block.allowed,
    passed: action === 'pass' ? table.unite(block.passed, hit) : block.passed,
  };
  const outside = withoutBits(block.peers, peers);
  return isEmptyBits(outside) ? [decided] : [decided, { ...block, peers: outside }];
}

function merged(blocks: readonly Block[]): readonly Block[] {
  if (blocks.length === 1) return blocks;
  const byOutcome = new Map<string, Block>();
  for (const block of blocks) {
    const key = `${block.undecided} ${block.allowed} ${block.passed}`;
    const known = byOutcome.get(key);
    byOutcome.set(key, known === undefined ? block : { ...known, peers: orBits(known.peers, block.peers) });
  }
  return [...byOutcome.values()];
}

type Matches = { readonly peers: Bits; readonly connections: number };

/** Whom the rule means, with what: more than one answer where named ports differ from peer to peer. */
function matchesOf(
  { cluster, table, index, slots }: RowsInput,
  rule: PolicyRule,
  direction: Direction,
  family: Family,
  subject: End,
  everybody: Bits,
): readonly Matches[] {
  if (rule.family !== undefined && rule.family !== family) return [];
  if (rule.own !== undefined && missOfTerm(cluster, rule.own, subject, subject) !== undefined) return [];
  const role = direction === 'ingress' ? 'source' : 'destination';
  const meant = (rule.peers ?? []).map((term) => index.bitsOf(term, family, role, subject));
  const peers = rule.peers === undefined ? everybody : meant.reduce(orBits, noBits(slots.length));
  const traffic = (peer: End): ConnectionSet => trafficOfRule(cluster, rule, direction, { subject, peer });
  if (isPeerNeutral(rule, direction)) {
    const connections = traffic(subject);
    return isEmpty(connections) ? [] : [{ peers, connections: table.numberOf(connections) }];
  }
  const groups = new Map<number, Bits>();
  for (const slot of indexesOf(peers)) {
    const peer = slots[slot]?.as[role][family];
    if (peer === undefined) continue;
    const connections = table.numberOf(traffic(peer));
    const group = groups.get(connections) ?? noBits(slots.length);
    addBit(group, slot);
    groups.set(connections, group);
  }
  return [...groups].map(([connections, bits]) => ({ peers: bits, connections }));
}

/** What the blocks allow with one peer. */
export function allowedWith(blocks: readonly AllowedBlock[], slot: number, none: number): number {
  for (let index = 0; index < blocks.length; index++) {
    const block = blocks[index];
    if (block !== undefined && hasBit(block.peers, slot)) return block.allowed;
  }
  return none;
}
