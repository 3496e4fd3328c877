/**
 * The words of a rule → Rule, as do_parse() of iptables (iptables/xshared.c) takes them: options of loaded matches stand
 * in any order, a protocol's match is loaded by its first option, and matches keep the order in which they were loaded.
 */

import { nearest } from '../../lib/nearest.ts';
import { quote } from '../../lib/quote.ts';
import { parseProtocol } from '../../net/protocol-name.ts';
import { ArgumentError, ArgumentReader } from './arguments.ts';
import { PROTOCOL_MATCHES } from './extension-names.ts';
import type { Match, ParseContext } from './match.ts';
import { HEADER_OPTIONS, headerMatch, readHeader } from './matches/header.ts';
import { MATCHES } from './matches/index.ts';
import type { OptionMatch } from './matches/option-match.ts';
import { unknownMatch } from './matches/unknown.ts';
import { takeOption, type Use } from './options.ts';
import {
  COUNTER_WORDS,
  GOTO_WORDS,
  JUMP_WORDS,
  MATCH_WORDS,
  OWN_WORDS,
  parseTarget,
  takeForeignWords,
} from './parse-target.ts';
import type { Rule, RuleSpec } from './ruleset.ts';
import type { Target } from './target.ts';
import { noTarget } from './targets/index.ts';

export type ParseRuleOptions = {
  readonly family: 4 | 6;
  /** Whether the table has this user-defined chain. Without it, every name that is no target is taken for a chain. */
  readonly isChain?: (name: string) => boolean;
  /** Names of the table's chains, to suggest one. */
  readonly chains?: Iterable<string>;
  /** The chain the rule goes into: no built-in one takes both -i and -o. */
  readonly chain?: string;
};

const MATCH_BY_NAME: ReadonlyMap<string, OptionMatch> = new Map(MATCHES.map((match) => [match.name, match]));

const PROTOCOL_WORDS: readonly string[] = ['-p', '--protocol', '--proto'];

const NO_OUT_DEVICE: readonly string[] = ['PREROUTING', 'INPUT'];
const NO_IN_DEVICE: readonly string[] = ['OUTPUT', 'POSTROUTING'];

/** A match of the rule while its options are being gathered. */
type Loaded =
  | { readonly kind: 'module'; readonly module: OptionMatch; readonly given: Map<string, Use>; readonly at: number }
  | { readonly kind: 'unknown'; readonly name: string; readonly words: string[] };

/** Throws ArgumentError, whose `at` is the index of the word that is wrong. */
export function parseRule(spec: RuleSpec, options: ParseRuleOptions): Rule {
  const rule = parseWords(spec.args, options);
  return spec.origin === undefined ? rule : { ...rule, origin: spec.origin };
}

function parseWords(words: readonly string[], options: ParseRuleOptions): Rule {
  try {
    return new RuleParser(words, options, 'together').parse();
  } catch (first) {
    if (!(first instanceof ArgumentError)) throw first;
    try {
      return new RuleParser(words, options, 'scattered').parse();
    } catch (second) {
      throw second instanceof ArgumentError ? first : second;
    }
  }
}

/**
 * Where the options of a target stand: right behind `-j NAME`, as everybody writes them and as the target reads them best;
 * or anywhere behind it (`-j DNAT -m comment --comment x --to-destination y`), where a value cannot begin with `-`.
 */
type TargetOptions = 'together' | 'scattered';

class RuleParser {
  readonly #reader: ArgumentReader;
  readonly #words: readonly string[];
  readonly #options: ParseRuleOptions;
  readonly #targetOptions: TargetOptions;
  readonly #header = new Map<string, Use>();
  readonly #loaded: Loaded[] = [];
  #target: Target | undefined;
  /** Indexes of `-j`, the target's name and its scattered options. */
  readonly #targetWords: number[] = [];

  constructor(words: readonly string[], options: ParseRuleOptions, targetOptions: TargetOptions) {
    this.#words = words;
    this.#reader = new ArgumentReader(words);
    this.#options = options;
    this.#targetOptions = targetOptions;
  }

  parse(): Rule {
    while (!this.#reader.done) {
      const taken =
        takeOption(this.#reader, HEADER_OPTIONS, this.#header) ||
        this.#takeOwnWord() ||
        this.#takeMatchOption() ||
        this.#loadProtocolMatch() ||
        this.#takeScattered();
      if (!taken) throw this.#notUnderstood();
    }
    this.#checkDevices();
    const header = headerMatch(readHeader(this.#header, this.#options.family));
    const context = this.#context();
    const matches = this.#loaded.map((loaded) => buildMatch(loaded, context));
    const target = this.#target ?? this.#parseScattered(context) ?? noTarget();
    return { matches: header === undefined ? matches : [header, ...matches], target };
  }

  /** "Can't use -i with OUTPUT": iptables looks at the chain's name only, so user-defined chains are free. */
  #checkDevices(): void {
    const { chain = '' } = this.#options;
    const barred = NO_OUT_DEVICE.includes(chain) ? '-o' : NO_IN_DEVICE.includes(chain) ? '-i' : undefined;
    const use = barred === undefined ? undefined : this.#header.get(barred);
    if (use !== undefined) throw new ArgumentError(`${barred} cannot stand in chain ${chain}`, use.at);
  }

  /** -m, -j, -g, -c, -4, -6 */
  #takeOwnWord(): boolean {
    const reader = this.#reader;
    const word = reader.peek() ?? '';
    if (word === '!' && OWN_WORDS.includes(reader.peek(1) ?? ''))
      throw reader.error(`"!" cannot stand before ${reader.peek(1)}`, undefined, reader.position);
    if (MATCH_WORDS.includes(word)) {
      reader.next();
      this.#load(reader.next(`the name of a match behind ${word}`));
    } else if (JUMP_WORDS.includes(word) || GOTO_WORDS.includes(word)) this.#takeTarget();
    else if (COUNTER_WORDS.includes(word)) {
      reader.next();
      for (const what of ['packets', 'bytes'])
        if (!/^\d+$/.test(reader.next(what))) throw reader.error(`-c needs two numbers: packets and bytes`);
    } else if (word === '-4' || word === '-6') {
      reader.next();
      if (word !== `-${this.#options.family}`) throw reader.error(`${word} in rules of IPv${this.#options.family}`);
    } else return false;
    return true;
  }

  /** The target with its options, or its name alone where they are scattered. */
  #takeTarget(): void {
    const reader = this.#reader;
    if (this.#target !== undefined || this.#targetWords.length > 0)
      throw reader.error('a rule has one target only', undefined, reader.position);
    if (this.#targetOptions === 'together') {
      this.#target = parseTarget(reader, this.#targetContext(), this.#options);
      return;
    }
    this.#targetWords.push(reader.position, reader.position + 1);
    reader.next();
    reader.next();
  }

  #load(name: string): void {
    const at = this.#reader.position - 1;
    const module = MATCH_BY_NAME.get(name);
    const { family } = this.#options;
    if (module !== undefined && module.family !== undefined && module.family !== family) {
      throw this.#reader.error(`the ${name} match is for IPv${module.family} only`, familyCounterpart(name));
    }
    if (module !== undefined) this.#loaded.push({ kind: 'module', module, given: new Map(), at });
    else this.#loaded.push({ kind: 'unknown', name, words: takeForeignWords(this.#reader) });
  }

  /** An option of a loaded match; where several have it, the one loaded last (xtables_merge_options() puts it first). */
  #takeMatchOption(): boolean {
    for (const loaded of this.#loaded.toReversed()) {
      if (loaded.kind === 'module' && takeOption(this.#reader, loaded.module.options, loaded.given)) return true;
    }
    return false;
  }

  /** load_proto(): `-p tcp --dport 80` stands for `-p tcp -m tcp --dport 80`. */
  #loadProtocolMatch(): boolean {
    const protocol = this.#context().protocol;
    const name = protocol === undefined ? undefined : PROTOCOL_MATCHES.get(protocol);
    const option = this.#reader.peek() === '!' ? this.#reader.peek(1) : this.#reader.peek();
    if (name === undefined || option === undefined || !option.startsWith('-')) return false;
    if (this.#loaded.some((loaded) => (loaded.kind === 'module' ? loaded.module.name : loaded.name) === name))
      return false;
    const module = MATCH_BY_NAME.get(name);
    if (module === undefined) {
      if (this.#target !== undefined || this.#targetWords.length > 0) return false;
      this.#loaded.push({ kind: 'unknown', name, words: takeForeignWords(this.#reader) });
      return true;
    }
    const given = new Map<string, Use>();
    const at = this.#reader.position;
    if (
      (module.family ?? this.#options.family) !== this.#options.family ||
      !takeOption(this.#reader, module.options, given)
    )
      return false;
    this.#loaded.push({ kind: 'module', module, given, at });
    return true;
  }

  /** An option of nobody else is the target's, with the words up to the next option. */
  #takeScattered(): boolean {
    const reader = this.#reader;
    const option = reader.peek(reader.peek() === '!' ? 1 : 0);
    if (this.#targetWords.length === 0 || !option?.startsWith('--')) return false;
    do {
      this.#targetWords.push(reader.position);
    } while (reader.next() === '!' || /^[^-!]/.test(reader.peek() ?? '-'));
    return true;
  }

  #parseScattered(context: ParseContext): Target | undefined {
    if (this.#targetWords.length === 0) return undefined;
    const reader = new ArgumentReader(this.#targetWords.map((index) => this.#words[index] ?? ''));
    const target = parseTarget(reader, context, this.#options);
    if (!reader.done) throw reader.error('not an option of the target');
    return target;
  }

  #context(): ParseContext {
    const use = this.#header.get('-p');
    const number = use === undefined ? undefined : parseProtocol(use.words[0] ?? '');
    return {
      family: this.#options.family,
      protocol: number === 0 ? undefined : number,
      protocolInverted: use?.not ?? false,
    };
  }

  /** A target may ask for the protocol (`--reject-with tcp-reset`), and `-p` may stand behind it. */
  #targetContext(): ParseContext {
    if (this.#header.has('-p')) return this.#context();
    const position = this.#reader.position;
    const index = this.#words.findIndex((word, at) => at >= position && PROTOCOL_WORDS.includes(word));
    const number = index < 0 ? undefined : parseProtocol(this.#words[index + 1] ?? '');
    return {
      family: this.#options.family,
      protocol: number === 0 ? undefined : number,
      protocolInverted: index > 0 && this.#words[index - 1] === '!',
    };
  }

  #notUnderstood(): ArgumentError {
    const at = this.#reader.position;
    const not = this.#words[at] === '!';
    const word = this.#words[not ? at + 1 : at];
    if (word === undefined) return new ArgumentError('"!" with nothing behind it', at);
    if (not && word === '!') return new ArgumentError('"!" twice in a row', at + 1);
    if (!word.startsWith('-')) {
      const wasNot = this.#words[at - 1] === '!';
      return new ArgumentError(
        `${quote(word)} does not belong to any option`,
        at,
        wasNot ? 'put "!" in front of the option' : undefined,
      );
    }
    const owners = MATCHES.filter((match) => match.options.has(word.replace(/^(--[^=]*)=.*$/, '$1'))).map(
      (match) => `-m ${match.name}`,
    );
    if (owners.length > 0)
      return new ArgumentError(
        `option ${quote(word)} needs its match loaded before it`,
        not ? at + 1 : at,
        owners.join(', '),
      );
    const protocol = this.#context().protocol;
    const implied = protocol === undefined ? undefined : MATCH_BY_NAME.get(PROTOCOL_MATCHES.get(protocol) ?? '');
    const known = [
      ...HEADER_OPTIONS.keys(),
      ...OWN_WORDS,
      ...(implied?.options.keys() ?? []),
      ...this.#loaded.flatMap((loaded) => (loaded.kind === 'module' ? [...loaded.module.options.keys()] : [])),
    ];
    const near = nearest(word, known);
    return new ArgumentError(
      `unknown option ${quote(word)}`,
      not ? at + 1 : at,
      near.length > 0 ? near.join(', ') : undefined,
    );
  }
}

function buildMatch(loaded: Loaded, context: ParseContext): Match {
  return loaded.kind === 'module'
    ? loaded.module.build(loaded.given, context, loaded.at)
    : unknownMatch(loaded.name, loaded.words);
}

function familyCounterpart(name: string): string | undefined {
  return new Map([
    ['icmp', '-m icmp6'],
    ['icmp6', '-m icmp'],
    ['ttl', '-m hl'],
    ['hl', '-m ttl'],
  ]).get(name);
}
