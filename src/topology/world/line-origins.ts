/** Origins of the lines of a text inside a document: a rule, a route. */
import type { Origin, OriginTable } from '../../compile/origin.ts';
import type { OriginAt, OriginId } from '../../kernel/origin.ts';

export type LineOrigins = (field: string) => OriginAt;

/** One for each line that is asked for, however often. */
export function lineOrigins(origins: OriginTable, document: Omit<Origin, 'field' | 'line'>): LineOrigins {
  return (field) => {
    const known = new Map<number, OriginId>();
    return (line) => {
      const origin = known.get(line) ?? origins.mint({ ...document, field, line });
      known.set(line, origin);
      return origin;
    };
  };
}
