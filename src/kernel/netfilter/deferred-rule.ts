/**
 * A rule for one destination, whose words are read when a packet to that destination first comes by. The chain that leads
 * to thousands of addresses has a rule or two for each, and a trace looks at those of one.
 */
import { type Lazy, lazy } from '../../lib/lazy.ts';
import { type IpAddr, parseIp } from '../../net/address.ts';
import type { OriginId } from '../origin.ts';
import type { Match } from './match.ts';
import type { Rule, RuleSpec } from './ruleset.ts';
import type { Target } from './target.ts';

class DeferredRule implements Rule {
  readonly origin?: OriginId;
  readonly destination: IpAddr;
  readonly #read: Lazy<Rule>;

  constructor({ origin }: RuleSpec, destination: IpAddr, read: Lazy<Rule>) {
    if (origin !== undefined) this.origin = origin;
    this.destination = destination;
    this.#read = read;
  }

  get matches(): readonly Match[] {
    return this.#read().matches;
  }

  get tests(): readonly Match[] | undefined {
    return this.#read().tests;
  }

  get target(): Target {
    return this.#read().target;
  }
}

/** The rule, read now unless its words bind it to a single destination. Wrong words are found when they are read. */
export function deferRule(spec: RuleSpec, parse: (spec: RuleSpec) => Rule): Rule {
  const destination = soleDestination(spec.args);
  return destination === undefined
    ? parse(spec)
    : new DeferredRule(
        spec,
        destination,
        lazy(() => parse(spec)),
      );
}

const FULL_LENGTHS: readonly string[] = ['32', '128'];

/** `-d 10.96.0.10/32` without `!`. Nothing is concluded from other spellings: such a rule is read at once. */
function soleDestination(words: readonly string[]): IpAddr | undefined {
  const at = words.indexOf('-d');
  if (at < 0 || words[at - 1] === '!') return undefined;
  const [address = '', length, ...more] = (words[at + 1] ?? '').split('/');
  if (more.length > 0 || (length !== undefined && !FULL_LENGTHS.includes(length))) return undefined;
  const parsed = parseIp(address);
  if (parsed === undefined || (length !== undefined && (length === '32') !== (typeof parsed === 'number')))
    return undefined;
  return parsed;
}
