import type { Issue } from '../../lib/result.ts';
import type { TextBlock } from '../nettrace/text-block.ts';

/** Issues of a parser that knows the line of the text in its file, but counts columns from the start of the text's lines. */
export function placeColumns(issues: readonly Issue[], block: TextBlock): readonly Issue[] {
  return issues.map((found) =>
    found.at === undefined
      ? { ...found, at: block.at }
      : { ...found, at: { ...found.at, column: found.at.column + block.at.column - 1 } },
  );
}
