/** A set of connections as it is written everywhere, or in words where it is everything or nothing. */
import type { Writer } from '../frame.ts';
import { connectionWords } from './words.ts';

export function sayConnections(connections: string, writer: Writer): string {
  return writer.words(connectionWords(connections));
}
