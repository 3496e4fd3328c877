/**
 * One run of one conversation: what the machines remember while it lasts, what is recorded of it, and who decides where
 * chance decides. A run starts with empty memories; branches are separate runs, so nothing ever needs to be copied.
 */
import type { Fraction } from '../../lib/fraction.ts';
import { complement, ONE } from '../../lib/fraction.ts';
import type { IpAddr } from '../../net/address.ts';
import type { Mac } from '../../net/mac.ts';
import { ConnectionTable } from '../netfilter/conntrack.ts';
import type { DrawnPort } from '../netfilter/drawn-port.ts';
import type { Chance, Tuple } from '../netfilter/match.ts';
import { StateSlots } from '../netfilter/state.ts';
import type { NetnsId } from '../netns-id.ts';
import type { OriginId } from '../origin.ts';
import type { World } from '../world.ts';
import type { Choice, Step } from './step.ts';

/** A point where chance decides. Without probabilities: the model does not know. */
export type Decision = {
  readonly what: string;
  readonly options: readonly { readonly label: string; readonly probability: Fraction | undefined }[];
};

/** Says which option is taken: the explorer's script, a seeded generator, or what a real kernel did. */
export type Decider = (decision: Decision) => number;

/** What one network namespace remembers. */
export type Memory = {
  readonly connections: ConnectionTable;
  /** Neighbours learnt during the run, by device and address. */
  readonly neighbours: Map<string, Mac>;
  /** Those that did not answer. */
  readonly silentNeighbours: Set<string>;
  /** Next hops already chosen, by route and flow: fib_multipath_hash() gives one flow one way. */
  readonly flows: Map<string, number>;
  readonly state: StateSlots;
};

export type RunOptions = {
  readonly world: World;
  readonly decide: Decider;
  /** 1: chains entered; 2: rules that did not match as well. */
  readonly verbosity: 0 | 1 | 2;
  /** Which rules are recorded; undefined: all. Those that stop the packet and those that chance led to always are. */
  readonly tells?: Tells | undefined;
};

/** By what a rule was made for. */
export type Tells = (origin: OriginId | undefined) => boolean;

/** A socket of the sender that waits for the answer to its probe. */
type ClientSocket = { readonly netns: NetnsId; readonly tuple: Tuple };

/** One conversation: what it has recorded, counted and decided, and what the machines remember of it. */
export class Run {
  readonly world: World;
  readonly verbosity: 0 | 1 | 2;
  /** Milliseconds since the run began; nothing in a run takes time. */
  readonly now = 0;
  readonly choices: Choice[] = [];
  /** By the number that stands for the port in this run. */
  readonly drawnPorts = new Map<number, DrawnPort>();
  /** The sender's own socket, once it has sent. */
  client: ClientSocket | undefined;
  /** Frames received so far: the guard against walks without end. */
  hops = 0;
  rulesExamined = 0;
  chainsEntered = 0;
  readonly #decide: Decider;
  #tells: Tells | undefined;
  readonly #memories = new Map<NetnsId, Memory>();
  #steps: Step[] = [];

  constructor(options: RunOptions) {
    this.world = options.world;
    this.verbosity = options.verbosity;
    this.#decide = options.decide;
    this.#tells = options.tells;
  }

  /** What the namespace remembers; empty when it is first asked. */
  memory(netns: NetnsId): Memory {
    let memory = this.#memories.get(netns);
    if (memory === undefined) {
      memory = {
        connections: new ConnectionTable(),
        neighbours: new Map(),
        silentNeighbours: new Set(),
        flows: new Map(),
        state: new StateSlots(),
      };
      this.#memories.set(netns, memory);
    }
    return memory;
  }

  emit(step: Step): void {
    this.#steps.push(step);
  }

  /** Whether a rule is recorded that lets the packet go on and has nothing to do with chance. */
  tells(origin: OriginId | undefined): boolean {
    return this.#tells === undefined || this.#tells(origin);
  }

  /** Runs something beside the conversation: what it records and counts is handed back instead of being part of the walk. */
  aside<T>(work: () => T): { readonly result: T; readonly steps: readonly Step[] } {
    const { rulesExamined, chainsEntered } = this;
    const before = this.#steps;
    const tells = this.#tells;
    this.#steps = [];
    this.#tells = undefined;
    const result = work();
    const steps = this.#steps;
    this.#steps = before;
    this.#tells = tells;
    this.rulesExamined = rulesExamined;
    this.chainsEntered = chainsEntered;
    return { result, steps };
  }

  /** The steps recorded since the last call. */
  takeSteps(): readonly Step[] {
    const steps = this.#steps;
    this.#steps = [];
    return steps;
  }

  /** The index of the option taken. A decision with one option is none. */
  decide(decision: Decision): number {
    if (decision.options.length === 1) return 0;
    const taken = this.#decide(decision);
    const option = decision.options[taken];
    if (option !== undefined)
      this.choices.push({ what: decision.what, taken: option.label, probability: option.probability });
    return taken;
  }

  /** Whether a random match fires, or an unknown one matches. */
  chance(chance: Chance): boolean {
    if (chance.kind === 'unknown') {
      const unknown = {
        what: chance.what,
        options: [
          { label: 'no match', probability: undefined },
          { label: 'match', probability: undefined },
        ],
      };
      return this.decide(unknown) === 1;
    }
    if (chance.probability.numerator === 0n) return false;
    if (chance.probability.numerator === ONE.numerator && chance.probability.denominator === ONE.denominator)
      return true;
    const options = [
      { label: 'match', probability: chance.probability },
      { label: 'no match', probability: complement(chance.probability) },
    ];
    return this.decide({ what: chance.what, options }) === 0;
  }
}

/** Key of a neighbour in a namespace's memory. */
export function neighbourKey(device: string, address: IpAddr): string {
  return `${device} ${address}`;
}
