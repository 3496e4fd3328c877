import { badName, printNot, type Use } from '../options.ts';
import { defineOptionMatch } from './option-match.ts';
import { PORT_FORMS, type PortSpec, printPorts, readPorts, singlePort, testPorts } from './ports.ts';

type Chunk = {
  readonly type: string /** `Be`: upper case must be set, lower case must not (DATA: I U B E; ABORT, SHUTDOWN_COMPLETE: T). */;
  readonly flags: string;
};

type SctpSpec = {
  readonly sport?: PortSpec | undefined;
  readonly dport?: PortSpec | undefined;
  readonly chunks?:
    | { readonly not: boolean; readonly scope: 'all' | 'any' | 'only'; readonly list: readonly Chunk[] }
    | undefined;
};

/** In the order of their numbers (RFC 9260 section 3.2), as iptables-save lists them. */
const CHUNK_TYPES: readonly string[] = [
  'DATA',
  'INIT',
  'INIT_ACK',
  'SACK',
  'HEARTBEAT',
  'HEARTBEAT_ACK',
  'ABORT',
  'SHUTDOWN',
  'SHUTDOWN_ACK',
  'ERROR',
  'COOKIE_ECHO',
  'COOKIE_ACK',
  'ECN_ECNE',
  'ECN_CWR',
  'SHUTDOWN_COMPLETE',
  'I_DATA',
  'ASCONF_ACK',
  'RE_CONFIG',
  'PAD',
  'FORWARD_TSN',
  'ASCONF',
  'I_FORWARD_TSN',
];
const FLAGS_OF: ReadonlyMap<string, string> = new Map([
  ['DATA', 'IUBE'],
  ['ABORT', 'T'],
  ['SHUTDOWN_COMPLETE', 'T'],
]);

function readChunks(use: Use | undefined): SctpSpec['chunks'] {
  if (use === undefined) return undefined;
  const [scopeWord = '', list = ''] = use.words;
  const scope = (['all', 'any', 'only'] as const).find((s) => s === scopeWord.toLowerCase());
  if (scope === undefined) throw badName(use, 'scope of --chunk-types', scopeWord, ['all', 'any', 'only']);
  const upper = list.toUpperCase();
  if (upper === 'ALL' || upper === 'NONE') {
    return { not: use.not, scope, list: upper === 'ALL' ? CHUNK_TYPES.map((type) => ({ type, flags: '' })) : [] };
  }
  const flagsOf = new Map<string, string>();
  for (const item of list.split(',')) {
    const [name = '', flags = ''] = item.split(':');
    const type = CHUNK_TYPES.find((t) => t === name.toUpperCase());
    if (type === undefined) throw badName(use, 'SCTP chunk type', name, CHUNK_TYPES);
    const allowed = FLAGS_OF.get(type) ?? '';
    for (const flag of flags)
      if (!allowed.includes(flag.toUpperCase())) throw badName(use, `flag of chunk ${type}`, flag, [...allowed]);
    flagsOf.set(type, flags);
  }
  return {
    not: use.not,
    scope,
    list: CHUNK_TYPES.flatMap((type) => (flagsOf.has(type) ? [{ type, flags: flagsOf.get(type) ?? '' }] : [])),
  };
}

function printChunks(chunks: NonNullable<SctpSpec['chunks']>): string {
  const list =
    chunks.list.length === 0
      ? 'NONE'
      : chunks.list.length === CHUNK_TYPES.length
        ? 'ALL'
        : chunks.list
            .map(({ type, flags }) => (flags === '' ? type : `${type}:${printChunkFlags(type, flags)}`))
            .join(',');
  return `${printNot(chunks.not)}--chunk-types ${chunks.scope} ${list}`;
}

/** In the order of the bits, highest first; a flag named twice keeps its last case. */
function printChunkFlags(type: string, flags: string): string {
  return [...(FLAGS_OF.get(type) ?? '')]
    .flatMap((flag) => [...flags].filter((f) => f.toUpperCase() === flag).slice(-1))
    .join('');
}

/** match_packet(): a packet here carries one chunk with no flag set. */
function testChunks({ scope, list }: NonNullable<SctpSpec['chunks']>, chunk: string): boolean {
  const listed = list.some(({ type, flags }) => type === chunk && (flags === '' || flags === flags.toLowerCase()));
  return scope === 'all' ? list.length === 0 || (listed && list.length === 1) : listed;
}

/** sctp_mt() */
export const sctp = defineOptionMatch({
  name: 'sctp',
  kernel: 'net/netfilter/xt_sctp.c',
  protocol: 132,
  options: [...PORT_FORMS, { name: '--chunk-types', words: 2, not: true }],
  read: (given): SctpSpec => ({
    sport: readPorts(given.get('--sport')),
    dport: readPorts(given.get('--dport')),
    chunks: readChunks(given.get('--chunk-types')),
  }),
  print: ({ sport, dport, chunks }) =>
    [
      ...printPorts('--sport', sport),
      ...printPorts('--dport', dport),
      ...(chunks === undefined ? [] : [printChunks(chunks)]),
    ].join(' '),
  test: (spec, env) =>
    env.packet.transport.proto === 'sctp' &&
    !env.packet.laterFragment &&
    testPorts(spec.sport, env.packet.transport.sport, env) &&
    testPorts(spec.dport, env.packet.transport.dport, env) &&
    (spec.chunks === undefined || testChunks(spec.chunks, env.packet.transport.chunk) !== spec.chunks.not),
  narrows: ({ dport }) => {
    const port = singlePort(dport);
    return port === undefined ? undefined : { protocol: 132, dport: port };
  },
});
