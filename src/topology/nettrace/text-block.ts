/** Texts of other tools inside documents (`ip route` lines, iptables-save) and the place of each of their lines. */
import type { FieldReader } from '../../cluster/field-reader.ts';
import { STRING } from '../../cluster/field-type.ts';
import type { PathSegment } from '../../cluster/source.ts';
import type { Position } from '../../lib/result.ts';

/** One text of the input; `at` is where its first line begins, later lines starting in the same column below it. */
export type TextBlock = {
  readonly text: string;
  readonly at: Position;
  /** Its lines do not stand below each other in the file: all that is known of each is where the text begins. */
  readonly flat?: boolean;
};

/** Texts of the input files by name: positions inside a block scalar depend on how it is written. */
export type InputTexts = ReadonlyMap<string, string>;

type Place = { readonly at: Position; readonly flat: boolean };

/**
 * Where the content of the scalar begins that starts at `start`: below the `|` of a YAML block scalar, behind the quote of a
 * quoted one. Only the lines of `|` stand below each other in the file; those of `>`, of quoted YAML and of JSON's `\n` do not.
 */
function contentPosition(start: Position, texts: InputTexts): Place {
  const lines = (texts.get(start.file) ?? '').split('\n', start.line + 200);
  const line = lines[start.line - 1] ?? '';
  const first = line.charAt(start.column - 1);
  if (first === '"' || first === "'") return { at: { ...start, column: start.column + 1 }, flat: true };
  if (first !== '|' && first !== '>') return { at: start, flat: true };
  for (let index = start.line; index < lines.length; index++) {
    const content = lines[index] ?? '';
    const column = content.search(/\S/);
    if (column >= 0) return { at: { file: start.file, line: index + 1, column: column + 1 }, flat: first === '>' };
  }
  return { at: start, flat: true };
}

function blockAt(text: string, { at, flat }: Place): TextBlock {
  return flat && text.trimEnd().includes('\n') ? { text, at, flat } : { text, at };
}

/** A text field; absent and empty are the same. */
export function readBlock(reader: FieldReader, name: string, texts: InputTexts): TextBlock | undefined {
  const text = reader.optional(name, STRING);
  if (text === undefined || text.trim() === '') return undefined;
  // The YAML reader drops empty lines in front of a block's content only where they are none of the content.
  const skipped = /^\n*/.exec(text)?.[0].length ?? 0;
  return blockAt(text.slice(skipped), contentPosition(reader.position([name]), texts));
}

/** A list of lines, or one text of several lines. */
export function readLines(reader: FieldReader, name: string, texts: InputTexts): readonly TextBlock[] {
  const value = reader.raw(name);
  if (typeof value === 'string') {
    const block = readBlock(reader, name, texts);
    return block === undefined ? [] : splitLines(block);
  }
  return reader.list(name, STRING).flatMap((text, index) => {
    const path: readonly PathSegment[] = [name, index];
    return text.trim() === '' ? [] : [blockAt(text, contentPosition(reader.position(path), texts))];
  });
}

function splitLines(block: TextBlock): readonly TextBlock[] {
  const lines = block.text.split('\n').map((text, index) => ({
    text,
    at: block.flat === true ? block.at : { ...block.at, line: block.at.line + index },
  }));
  const joined: TextBlock[] = [];
  for (const line of lines) {
    const last = joined.at(-1);
    if (last !== undefined && /^\s+nexthop\s/.test(line.text))
      joined[joined.length - 1] = { ...last, text: `${last.text}\n${line.text}` };
    else if (!/^\s*(#.*)?$/.test(line.text)) joined.push(line);
  }
  return joined;
}
