/** The Fault document: what is broken, for teaching and for what-if questions. */
import type { FieldReader } from '../../cluster/field-reader.ts';
import { BOOLEAN, type FieldType, integer, STRING } from '../../cluster/field-type.ts';
import type { Source } from '../../cluster/source.ts';
import type { DocumentContext } from './document-context.ts';
import { DEVICE_NAME, NAME } from './field-types.ts';
import { readSysctls } from './host-document.ts';
import { readLines, type TextBlock } from './text-block.ts';

/** IP protocols by the names of the input, as numbers (IANA). */
const PROTOCOLS: ReadonlyMap<string, number> = new Map([
  ['icmp', 1],
  ['ipip', 4],
  ['tcp', 6],
  ['udp', 17],
  ['gre', 47],
  ['esp', 50],
  ['icmpv6', 58],
  ['sctp', 132],
]);

export type Fault = { readonly fault: string; readonly source: Source } & (
  | { readonly kind: 'sysctl'; readonly machine: string; readonly sysctls: Readonly<Record<string, string>> }
  | { readonly kind: 'interface-down'; readonly machine: string; readonly interface: string }
  | { readonly kind: 'bgp-session-down'; readonly machine: string; readonly peer: string }
  | { readonly kind: 'iptables'; readonly machine: string; readonly commands: readonly TextBlock[] }
  | { readonly kind: 'route'; readonly machine: string; readonly command: TextBlock }
  /** undefined: every protocol, every port. */
  | {
      readonly kind: 'segment-block';
      readonly segment: string;
      readonly protocol: number | undefined;
      readonly port: number | undefined;
      readonly words: string;
    }
);

const PROTOCOL: FieldType<number> = {
  expected: `an IP protocol: ${[...PROTOCOLS.keys()].join(', ')} or a number`,
  parse: (value) => {
    if (typeof value === 'number') return Number.isInteger(value) && value >= 0 && value <= 255 ? value : undefined;
    return typeof value === 'string' ? PROTOCOLS.get(value.toLowerCase()) : undefined;
  },
};

/** All faults of one document: `spec` is a list. */
export function readFaults(reader: FieldReader, name: string, context: DocumentContext): readonly Fault[] {
  const items = reader.objects('spec');
  if (!reader.has('spec')) reader.error('missing-field', 'required field spec is missing: expected a list of faults');
  reader.done();
  return items.flatMap((item) => {
    const faults = readItem(item, name, context);
    item.done();
    return faults;
  });
}

function readItem(item: FieldReader, fault: string, context: DocumentContext): readonly Fault[] {
  const base = { fault, source: item.source };
  if (item.has('segment') || item.has('block')) return readSegmentBlock(item, base);
  const machine = item.required('node', NAME);
  const faults: Fault[] = [];
  const sysctls = readSysctls(item, 'sysctl');
  const device = item.optional('interface', DEVICE_NAME);
  const peer = item.optional('bgpPeer', STRING);
  const commands = readLines(item, 'iptables', context.texts);
  const [route, ...routes] = readLines(item, 'route', context.texts);
  if ((device !== undefined || peer !== undefined) && item.required('down', BOOLEAN) === false) {
    item.error('wrong-value', 'only `down: true` is a fault', ['down']);
  }
  if (machine === undefined) return [];
  if (Object.keys(sysctls).length > 0) faults.push({ ...base, kind: 'sysctl', machine, sysctls });
  if (device !== undefined) faults.push({ ...base, kind: 'interface-down', machine, interface: device });
  if (peer !== undefined) faults.push({ ...base, kind: 'bgp-session-down', machine, peer });
  if (commands.length > 0) faults.push({ ...base, kind: 'iptables', machine, commands });
  for (const command of route === undefined ? [] : [route, ...routes]) {
    faults.push({ ...base, kind: 'route', machine, command });
  }
  if (faults.length === 0) {
    item.error(
      'missing-field',
      'the fault says nothing: expected sysctl, interface, bgpPeer, iptables, route or block',
    );
  }
  return faults;
}

function readSegmentBlock(
  item: FieldReader,
  base: { readonly fault: string; readonly source: Source },
): readonly Fault[] {
  const segment = item.required('segment', NAME);
  const block = item.requiredObject('block');
  const protocol = block?.optional('protocol', PROTOCOL);
  const port = block?.optional('port', integer(1, 65535));
  block?.done();
  if (segment === undefined || block === undefined) return [];
  const text = block.raw('protocol');
  const words = [typeof text === 'string' || typeof text === 'number' ? String(text) : 'every packet'];
  if (port !== undefined) words.push(`port ${port}`);
  return [{ ...base, kind: 'segment-block', segment, protocol, port, words: words.join(' ') }];
}
