import { ALWAYS_ROWS } from './always.ts';
import { CONNECTION_ROWS } from './connection.ts';
import { EXTENSION_ROWS } from './extension-headers.ts';
import { HEADER_ROWS } from './header.ts';
import { PLACE_ROWS } from './place.ts';
import type { MatchRow } from './row.ts';
import { TRANSPORT_ROWS } from './transport.ts';

export const MATCH_ROWS: readonly MatchRow[] = [
  ...HEADER_ROWS,
  ...TRANSPORT_ROWS,
  ...CONNECTION_ROWS,
  ...PLACE_ROWS,
  ...ALWAYS_ROWS,
  ...EXTENSION_ROWS,
];
