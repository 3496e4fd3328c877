/** `define NAME = …` and `$NAME`: variables stand for words, and are replaced before anything is read. */
import { NftSyntaxError } from './token-reader.ts';
import type { Token } from './tokenize.ts';

/** Variables of variables could grow without end. */
const MOST_TOKENS = 1_000_000;

/** The tokens without definitions. Throws NftSyntaxError where a name was not defined. */
export function expandVariables(tokens: readonly Token[]): readonly Token[] {
  if (!tokens.some((token) => isSign(token, '$') || isWord(token, 'define'))) return tokens;
  const variables = new Map<string, readonly Token[]>();
  const out: Token[] = [];
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at];
    if (token === undefined) break;
    if (startsCommand(tokens, at) && (isWord(token, 'define') || isWord(token, 'redefine'))) {
      const end = endOfValue(tokens, at);
      const name = tokens[at + 1];
      if (name?.kind !== 'word' || !isSign(tokens[at + 2], '='))
        throw new NftSyntaxError('expected a name and "="', name);
      variables.set(name.text, replace(tokens.slice(at + 3, end), variables));
      at = end - 1;
      continue;
    }
    out.push(token);
  }
  return replace(out, variables);
}

function replace(tokens: readonly Token[], variables: ReadonlyMap<string, readonly Token[]>): readonly Token[] {
  const out: Token[] = [];
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at];
    const name = tokens[at + 1];
    if (token === undefined) break;
    if (!isSign(token, '$') || name?.kind !== 'word') {
      out.push(token);
      continue;
    }
    const value = variables.get(name.text);
    if (value === undefined) throw new NftSyntaxError(`there is no variable $${name.text}`, token);
    if (out.length + value.length > MOST_TOKENS)
      throw new NftSyntaxError('the variables stand for too many words', token);
    // Messages and kept words are about the place where the variable is used.
    const { line, column, from } = token;
    for (const each of value) out.push({ ...each, line, column, from, to: name.to });
    at++;
  }
  return out;
}

function isSign(token: Token | undefined, text: string): boolean {
  return token?.kind === 'sign' && token.text === text;
}

function isWord(token: Token, text: string): boolean {
  return token.kind === 'word' && token.text === text;
}

function startsCommand(tokens: readonly Token[], at: number): boolean {
  const before = tokens[at - 1];
  return (
    before === undefined ||
    before.kind === 'line' ||
    before.kind === 'end' ||
    isSign(before, '{') ||
    isSign(before, '}')
  );
}

/** A line break ends the value, but inside braces. */
function endOfValue(tokens: readonly Token[], from: number): number {
  let depth = 0;
  for (let at = from; at < tokens.length; at++) {
    const token = tokens[at];
    if (isSign(token, '{')) depth++;
    else if (isSign(token, '}')) depth--;
    else if (depth <= 0 && (token?.kind === 'line' || token?.kind === 'end')) return at;
  }
  return tokens.length;
}
