import { nearest } from '../../lib/nearest.ts';

/** The hint of an error about a word: the one that is most like it, if any is. */
export function didYouMean(word: string, known: Iterable<string>): string | undefined {
  const [like] = nearest(word, known);
  return like === undefined ? undefined : `did you mean ${like}?`;
}
