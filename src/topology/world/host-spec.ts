/** A Host document as a network namespace to build. */
import type { OriginTable } from '../../compile/origin.ts';
import type { DeviceRef } from '../../kernel/link/device.ts';
import { parseFdbEntry, parseNeighbour } from '../../kernel/link/parse-neighbour-text.ts';
import type { Ipset } from '../../kernel/netfilter/ipset.ts';
import { netnsId } from '../../kernel/netns-id.ts';
import type { NetnsSpec, RulesText } from '../../kernel/netns-spec.ts';
import type { OriginAt, OriginId } from '../../kernel/origin.ts';
import { eager } from '../../lib/lazy.ts';
import type { Issue, Result } from '../../lib/result.ts';
import { ip4 } from '../../net/address.ts';
import type { Prefix } from '../../net/prefix.ts';
import type { HostDocument, InterfaceSpec } from '../nettrace/host-document.ts';
import type { TextBlock } from '../nettrace/text-block.ts';
import { readIpsets, readIptables, readIpvs, readNftables } from './check-texts.ts';
import { compileDevices } from './host-devices.ts';
import { compileRoutes, compileRules, type KnownDevices } from './host-routes.ts';
import { lineOrigins } from './line-origins.ts';

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
    neighbours: host.neighbours.flatMap((line) => kept(parseNeighbour(line.text, line.at), issues) ?? []),
    fdb: host.fdb.flatMap((line) => kept(parseFdbEntry(line.text, line.at), issues) ?? []),
    sysctls: host.sysctls,
    listeners: host.listen,
    ipsets: ipsetsOf(host.ipsets, issues),
    ...ipvsOf(host.ipvs, origin, issues),
    ...checkedNftables(host.nftables, lines('spec.nftables'), issues),
    ...checkedIptables(host.iptables, 4, lines('spec.iptables'), issues),
    ...checkedIptables(host.ip6tables, 6, lines('spec.ip6tables'), issues),
  };
}

/** The value; its issues are told instead where there is none. */
function kept<T>(result: Result<T>, issues: Issue[]): T | undefined {
  if (result.ok) return result.value;
  issues.push(...result.issues);
  return undefined;
}

function ipsetsOf(block: TextBlock | undefined, issues: Issue[]): readonly Ipset[] {
  return block === undefined ? [] : (kept(readIpsets(block), issues) ?? []);
}

function ipvsOf(block: TextBlock | undefined, origin: OriginId, issues: Issue[]): Pick<NetnsSpec, 'ipvs'> {
  const servers = block === undefined ? undefined : kept(readIpvs(block), issues);
  return servers === undefined ? {} : { ipvs: eager(servers.map((server) => ({ ...server, origin }))) };
}

/** The text is read here only to find its mistakes; the machine reads it again when a packet first comes by. */
function checkedNftables(
  block: TextBlock | undefined,
  originAt: OriginAt,
  issues: Issue[],
): Pick<NetnsSpec, 'nftablesText'> {
  if (block === undefined || kept(readNftables(block), issues) === undefined) return {};
  return { nftablesText: textOf(block, originAt) };
}

/** As with nftables. */
export function checkedIptables(
  block: TextBlock | undefined,
  family: 4 | 6,
  originAt: OriginAt,
  issues: Issue[],
): Pick<NetnsSpec, 'iptablesText' | 'ip6tablesText'> {
  if (block === undefined || kept(readIptables(block, family), issues) === undefined) return {};
  const text = textOf(block, originAt);
  return family === 4 ? { iptablesText: text } : { ip6tablesText: text };
}

function textOf({ text, at: { file, line }, flat }: TextBlock, originAt: OriginAt): RulesText {
  return { text, file, line, originAt: flat === true ? () => originAt(line) : originAt };
}
