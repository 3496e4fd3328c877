/** A Host document as a network namespace to build. */
import type { OriginTable } from '../../compile/origin.ts';
import { parseIpvsSave } from '../../kernel/ipvs/parse-ipvsadm.ts';
import type { DeviceRef, FdbEntry } from '../../kernel/link/device.ts';
import { parseFdbEntry, parseNeighbour } from '../../kernel/link/parse-neighbour-text.ts';
import { parseIpsetSave } from '../../kernel/netfilter/ipset/save.ts';
import type { Ipset } from '../../kernel/netfilter/ipset.ts';
import { parseIptablesSave } from '../../kernel/netfilter/save-format.ts';
import { netnsId } from '../../kernel/netns-id.ts';
import type { NetnsSpec } from '../../kernel/netns-spec.ts';
import { parseNftables } from '../../kernel/nftables/parse-ruleset.ts';
import type { OriginAt, OriginId } from '../../kernel/origin.ts';
import type { StaticNeighbour } from '../../kernel/route/route.ts';
import { eager } from '../../lib/lazy.ts';
import type { Issue, Result } from '../../lib/result.ts';
import { ip4 } from '../../net/address.ts';
import type { Prefix } from '../../net/prefix.ts';
import type { HostDocument, InterfaceSpec } from '../nettrace/host-document.ts';
import type { TextBlock } from '../nettrace/text-block.ts';
import { compileDevices } from './host-devices.ts';
import { compileRoutes, compileRules, type KnownDevices } from './host-routes.ts';
import { lineOrigins } from './line-origins.ts';
import { placeColumns } from './text-issues.ts';

export type HostSpecInput = {
  readonly host: HostDocument;
  /** Devices from elsewhere: docker0, a node's network card and what its CNI makes. undefined: not all are known. */
  readonly others: KnownDevices;
  readonly complete: boolean;
  readonly peerOf: (host: string, device: InterfaceSpec) => DeviceRef | undefined;
  readonly origins: OriginTable;
  readonly issues: Issue[];
};

/** What the document says; issues go to `issues`, and what they are about is left out. */
export function compileHost(input: HostSpecInput): NetnsSpec {
  const { host, issues, origins } = input;
  const document = { role: 'hand-written', kind: 'Host', name: host.name, source: host.source } as const;
  const origin = origins.mint(document);
  const lines = lineOrigins(origins, document);
  const devices = compileDevices(input, origin);
  const networks = new Map<string, readonly Prefix[]>([...input.others, ['lo', [{ addr: ip4(0x7f000001), bits: 8 }]]]);
  for (const { name, addresses } of host.interfaces) networks.set(name, addresses);
  const known = { ...input, networks };
  return {
    id: netnsId(host.name),
    devices,
    routes: compileRoutes(host.routes, { ...known, originAt: lines('spec.routes') }),
    rules: compileRules(host.rules, issues, lines('spec.rules')),
    neighbours: host.neighbours.flatMap((line) => keep(parseNeighbour(line.text, line.at), issues)),
    fdb: host.fdb.flatMap((line): readonly FdbEntry[] => keep(parseFdbEntry(line.text, line.at), issues)),
    sysctls: host.sysctls,
    listeners: host.listen,
    ipsets: readIpsets(host.ipsets, issues),
    ...readIpvs(host.ipvs, origin, issues),
    ...checkedNftables(host.nftables, lines('spec.nftables'), issues),
    ...checkedIptables(host.iptables, 4, lines('spec.iptables'), issues),
    ...checkedIptables(host.ip6tables, 6, lines('spec.ip6tables'), issues),
  };
}

function keep<T extends StaticNeighbour | FdbEntry>(result: Result<T>, issues: Issue[]): readonly T[] {
  if (result.ok) return [result.value];
  issues.push(...result.issues);
  return [];
}

function readIpsets(block: TextBlock | undefined, issues: Issue[]): readonly Ipset[] {
  if (block === undefined) return [];
  const result = parseIpsetSave(block.text, block.at);
  if (result.ok) return result.value;
  issues.push(...placeColumns(result.issues, block));
  return [];
}

function readIpvs(block: TextBlock | undefined, origin: OriginId, issues: Issue[]): Pick<NetnsSpec, 'ipvs'> {
  if (block === undefined) return {};
  const result = parseIpvsSave(block.text, block.at);
  if (!result.ok) {
    issues.push(...placeColumns(result.issues, block));
    return {};
  }
  return { ipvs: eager(result.value.map((server) => ({ ...server, origin }))) };
}

function checkedNftables(
  block: TextBlock | undefined,
  originAt: OriginAt,
  issues: Issue[],
): Pick<NetnsSpec, 'nftablesText'> {
  if (block === undefined) return {};
  const { file, line } = block.at;
  const result = parseNftables(block.text, { file, line });
  if (result.ok) return { nftablesText: { text: block.text, file, line, originAt } };
  issues.push(...placeColumns(result.issues, block));
  return {};
}

/** The text is read here only to find its mistakes; the machine reads it again when a packet first comes by. */
export function checkedIptables(
  block: TextBlock | undefined,
  family: 4 | 6,
  originAt: OriginAt,
  issues: Issue[],
): Pick<NetnsSpec, 'iptablesText' | 'ip6tablesText'> {
  if (block === undefined) return {};
  const { file, line } = block.at;
  const result = parseIptablesSave(block.text, { family, file, line });
  if (!result.ok) {
    issues.push(...placeColumns(result.issues, block));
    return {};
  }
  const text = { text: block.text, file, line, originAt };
  return family === 4 ? { iptablesText: text } : { ip6tablesText: text };
}
