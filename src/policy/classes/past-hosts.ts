/** What host endpoints on the way leave of the connections between two slots: judged once for all slots that they see alike. */
import type { Family } from '../../net/address.ts';
import { judgeHosts } from '../hosts/judge-hosts.ts';
import type { PolicyWorld } from '../judge.ts';
import type { ConnectionTable } from './connection-table.ts';
import type { HostClasses } from './host-classes.ts';
import { meetingOf } from './meeting.ts';
import type { Slot } from './pod-classes.ts';

export class PastHosts {
  readonly #world: PolicyWorld;
  readonly #table: ConnectionTable;
  readonly #slots: readonly Slot[];
  /** The class of each slot. */
  readonly #classes: readonly number[];
  readonly #size: number;
  /** By family, classes, and whether on one node. */
  readonly #left = new Map<number, number>();

  constructor(world: PolicyWorld, table: ConnectionTable, slots: readonly Slot[], hosts: HostClasses) {
    this.#world = world;
    this.#table = table;
    this.#slots = slots;
    this.#classes = slots.map(hosts.ofSlot);
    this.#size = this.#classes.reduce((most, each) => Math.max(most, each + 1), 0);
  }

  /** The number of what is left of everything. */
  leave(family: Family, source: number, destination: number, onOneNode: boolean): number {
    const pair = (this.#classes[source] ?? 0) * this.#size + (this.#classes[destination] ?? 0);
    const key = pair * 4 + (family === 4 ? 0 : 2) + (onOneNode ? 1 : 0);
    let left = this.#left.get(key);
    if (left === undefined) {
      left = this.#judge(family, source, destination, onOneNode);
      // Other slots of the same classes may have ends that meet so.
      if (left === undefined) return this.#table.all;
      this.#left.set(key, left);
    }
    return left;
  }

  /** Nodes of different classes are different nodes. */
  mayMeetOnOneNode(source: number, destination: number): boolean {
    const nodes = this.#slots[source]?.nodes;
    return nodes !== undefined && nodes === this.#slots[destination]?.nodes;
  }

  #judge(family: Family, source: number, destination: number, onOneNode: boolean): number | undefined {
    const [from, to] = [this.#slots[source], this.#slots[destination]];
    if (from === undefined || to === undefined) return undefined;
    const ends = meetingOf(this.#world.cluster, family, from, to, onOneNode);
    if (ends === undefined) return undefined;
    return judgeHosts(this.#world, ends.source, ends.destination, this.#table.universe)
      .map(({ allowed }) => this.#table.numberOf(allowed))
      .reduce((left, allowed) => this.#table.intersect(left, allowed), this.#table.all);
  }
}
