/** The lines of `--batch`: `SOURCE DESTINATION [PROTOCOL]`, or a JSON object with the same in its keys. */
import { recordOf } from '../lib/brand.ts';
import { nearest } from '../lib/nearest.ts';
import { type ProbeProtocol, protocolOf, type Query } from './query.ts';

const KEYS: readonly string[] = ['source', 'destination', 'protocol', 'sourcePort', 'namespace', 'ttl', 'family'];

export type BatchLine = { readonly ok: true; readonly query: Query } | { readonly ok: false; readonly message: string };

/** One line; `defaults` are the options of the command line. Empty lines are the caller's to skip. */
export function parseBatchLine(line: string, defaults: Omit<Query, 'source' | 'destination'>): BatchLine {
  const trimmed = line.trim();
  if (trimmed.startsWith('{')) return parseJsonLine(trimmed, defaults);
  const words = trimmed.split(/\s+/);
  const [source, destination, protocol] = words;
  if (source === undefined || destination === undefined || words.length > 3)
    return refuse('expected SOURCE DESTINATION [PROTOCOL]');
  const known = protocol === undefined ? (defaults.protocol ?? 'tcp') : protocolOf(protocol);
  if (known === undefined) return refuse(unknownProtocol(protocol ?? ''));
  return { ok: true, query: { ...defaults, source, destination, protocol: known } };
}

function parseJsonLine(line: string, defaults: Omit<Query, 'source' | 'destination'>): BatchLine {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    return refuse(`not valid JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  const record = recordOf(value);
  if (record === undefined) return refuse('expected a JSON object');
  for (const key of record.keys()) {
    if (!KEYS.includes(key)) {
      const [near] = nearest(key, KEYS);
      return refuse(
        `unknown key ${JSON.stringify(key)}${near === undefined ? `; known: ${KEYS.join(', ')}` : ` (did you mean ${near}?)`}`,
      );
    }
  }
  const source = record.get('source');
  const destination = record.get('destination');
  if (typeof source !== 'string' || typeof destination !== 'string')
    return refuse('source and destination must be strings');
  const namespace = record.get('namespace') ?? undefined;
  if (namespace !== undefined && typeof namespace !== 'string') return refuse('namespace must be a string');
  const protocol = protocolFrom(record.get('protocol') ?? undefined, defaults.protocol ?? 'tcp');
  if (protocol === undefined) return refuse(unknownProtocol(String(record.get('protocol'))));
  const sourcePort = integer(record.get('sourcePort') ?? undefined, 1, 65535);
  if (sourcePort === 'wrong') return refuse('sourcePort must be a number from 1 to 65535');
  const ttl = integer(record.get('ttl') ?? undefined, 1, 255);
  if (ttl === 'wrong') return refuse('ttl must be a number from 1 to 255');
  const family = record.get('family') ?? undefined;
  if (family !== undefined && family !== 4 && family !== 6) return refuse('family must be 4 or 6');
  return {
    ok: true,
    query: {
      ...defaults,
      source,
      destination,
      protocol,
      ...(family === undefined ? {} : { family }),
      ...(namespace === undefined ? {} : { namespace }),
      ...(sourcePort === undefined ? {} : { sourcePort }),
      ...(ttl === undefined ? {} : { ttl }),
    },
  };
}

function protocolFrom(value: unknown, otherwise: ProbeProtocol): ProbeProtocol | undefined {
  if (value === undefined) return otherwise;
  return typeof value === 'string' ? protocolOf(value) : undefined;
}

function integer(value: unknown, least: number, most: number): number | undefined | 'wrong' {
  if (value === undefined) return undefined;
  return typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most ? value : 'wrong';
}

function unknownProtocol(text: string): string {
  return `unknown protocol ${JSON.stringify(text)}; known: tcp, udp, sctp, icmp`;
}

function refuse(message: string): BatchLine {
  return { ok: false, message };
}
