import type { Attachment } from '../netfilter/conntrack.ts';

/** nf_conntrack_attach(): what answers a packet belongs to its connection, in the other direction, without a look-up. */
export function attach(connection: Attachment | undefined): Attachment | undefined {
  if (connection === undefined) return undefined;
  return {
    connection: connection.connection,
    direction: connection.direction === 'ORIGINAL' ? 'REPLY' : 'ORIGINAL',
    info: 'RELATED',
  };
}
