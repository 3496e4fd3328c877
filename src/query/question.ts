/** A question whose both ends are found: what every part of its answer is made from. */
import { type Family, familyOf } from '../net/address.ts';
import type { DestinationEndpoint, SourceEndpoint } from '../topology/endpoints.ts';
import type { Loaded } from '../topology/load.ts';
import type { Query } from './query.ts';

export type Question = {
  readonly loaded: Loaded;
  readonly query: Query;
  readonly source: SourceEndpoint;
  readonly destination: DestinationEndpoint;
};

/** Of -4 and -6, or of the address that is to send; undefined: any. */
export function familyAsked({ query, source: { address } }: Question): Family | undefined {
  return query.family ?? (address === undefined ? undefined : familyOf(address));
}
