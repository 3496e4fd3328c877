/** Match modules whose options are declared as a table: all of them. */

import { printProtocol } from '../../../net/protocol-name.ts';
import { ArgumentError } from '../arguments.ts';
import { defineMatch, type Match, type MatchModule, type ParseContext, type RegisteredMatch } from '../match.ts';
import { type Given, type OptionForm, type OptionTable, optionTable, takeOption, type Use } from '../options.ts';

interface OptionModule<S, N extends string> extends Omit<MatchModule<S>, 'parse'> {
  readonly options: readonly OptionForm<N>[];
  /** The rule must have `-p` with just this protocol (xt_match.proto). */
  readonly protocol?: number;
  /** ip6tables has no `ttl`, iptables no `hl`. */
  readonly family?: 4 | 6;
  /** Makes sense of the options. `at` is where the match stands in the rule. Throws ArgumentError. */
  read(given: Given<N>, context: ParseContext, at: number): S;
}

/** A match module whose options parseRule() finds wherever they stand in the rule. */
export interface OptionMatch extends RegisteredMatch {
  readonly options: OptionTable;
  readonly family?: 4 | 6;
  /** The match of options that parseRule() has sorted to it. */
  build(given: ReadonlyMap<string, Use>, context: ParseContext, at: number): Match;
}

/** `of` makes a match of a spec, past the text. */
export function defineOptionMatch<S, const N extends string>(
  module: OptionModule<S, N>,
): OptionMatch & { of(spec: S, family?: 4 | 6): Match } {
  const options = optionTable(module.options);
  const read = (given: ReadonlyMap<string, Use>, context: ParseContext, at: number): S => {
    const { protocol } = module;
    if (protocol !== undefined && (context.protocol !== protocol || context.protocolInverted)) {
      throw new ArgumentError(`the ${module.name} match needs -p ${printProtocol(protocol)}`, at);
    }
    return module.read(given, context, at);
  };
  const registered = defineMatch<S>({
    ...module,
    parse: (reader, context) => {
      const given = new Map<string, Use>();
      const at = reader.position;
      while (takeOption(reader, options, given));
      return read(given, context, at);
    },
  });
  return {
    ...registered,
    options,
    ...(module.family === undefined ? {} : { family: module.family }),
    build: (given, context, at) => registered.of(read(given, context, at), context.family),
  };
}
