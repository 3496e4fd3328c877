/** Mistakes in the texts of other tools that documents hold, told even where the rest of the input builds no world. */
import { parseIpvsSave } from '../../kernel/ipvs/parse-ipvsadm.ts';
import { parseFdbEntry, parseNeighbour } from '../../kernel/link/parse-neighbour-text.ts';
import { parseIpsetSave } from '../../kernel/netfilter/ipset/save.ts';
import type { Ipset } from '../../kernel/netfilter/ipset.ts';
import type { Ruleset } from '../../kernel/netfilter/ruleset.ts';
import { parseIptablesSave } from '../../kernel/netfilter/save-format.ts';
import { parseNftables } from '../../kernel/nftables/parse-ruleset.ts';
import type { NftRuleset } from '../../kernel/nftables/ruleset.ts';
import { parseRoute } from '../../kernel/route/parse-route-text.ts';
import { parsePolicyRule } from '../../kernel/route/rule-text.ts';
import type { Issue, Result } from '../../lib/result.ts';
import type { ContainerDocument } from '../nettrace/container-document.ts';
import type { HostDocument } from '../nettrace/host-document.ts';
import type { TextBlock } from '../nettrace/text-block.ts';

/** `iptables-save` or `ip6tables-save`. */
export function readIptables(block: TextBlock, family: 4 | 6): Result<Ruleset> {
  const { file, line } = block.at;
  return placed(block, parseIptablesSave(block.text, { family, file, line }));
}

/** `nft list ruleset` */
export function readNftables(block: TextBlock): Result<NftRuleset> {
  const { file, line } = block.at;
  return placed(block, parseNftables(block.text, { file, line }));
}

/** `ipset save` */
export function readIpsets(block: TextBlock): Result<readonly Ipset[]> {
  return placed(block, parseIpsetSave(block.text, block.at));
}

/** `ipvsadm -Sn` */
export function readIpvs(block: TextBlock): ReturnType<typeof parseIpvsSave> {
  return placed(block, parseIpvsSave(block.text, block.at));
}

/** The parser knows the line of the text in its file, but counts columns from the start of the text's lines. */
function placed<T>({ at: start, flat }: TextBlock, result: Result<T>): Result<T> {
  if (result.ok) return result;
  const issues = result.issues.map((found) => {
    const { at } = found;
    const isKnown = at !== undefined && flat !== true;
    return { ...found, at: isKnown ? { ...at, column: at.column + start.column - 1 } : start };
  });
  return { ok: false, issues };
}

/** Of the texts alone: nothing is said of devices and gateways, which the document may name wrongly elsewhere. */
export function textIssues(hosts: readonly HostDocument[], containers: readonly ContainerDocument[]): readonly Issue[] {
  return [...hosts.flatMap(issuesOfHost), ...containers.flatMap(issuesOfContainer)];
}

function issuesOfHost(host: HostDocument): readonly Issue[] {
  const { iptables, ip6tables, nftables, ipsets, ipvs } = host;
  return [
    ...issuesOfRoutes(host.routes),
    ...host.rules.flatMap(({ text, at }) => issuesOf(parsePolicyRule(text, { at, priority: 0 }))),
    ...host.neighbours.flatMap(({ text, at }) => issuesOf(parseNeighbour(text, at))),
    ...host.fdb.flatMap(({ text, at }) => issuesOf(parseFdbEntry(text, at))),
    ...(ipsets === undefined ? [] : issuesOf(readIpsets(ipsets))),
    ...(ipvs === undefined ? [] : issuesOf(readIpvs(ipvs))),
    ...(nftables === undefined ? [] : issuesOf(readNftables(nftables))),
    ...(iptables === undefined ? [] : issuesOf(readIptables(iptables, 4))),
    ...(ip6tables === undefined ? [] : issuesOf(readIptables(ip6tables, 6))),
  ];
}

function issuesOfContainer({ routes, iptables }: ContainerDocument): readonly Issue[] {
  return [...issuesOfRoutes(routes), ...(iptables === undefined ? [] : issuesOf(readIptables(iptables, 4)))];
}

function issuesOfRoutes(lines: readonly TextBlock[]): readonly Issue[] {
  return lines.flatMap(({ text, at }) => issuesOf(parseRoute(text, { at, deviceFor: () => 'lo' })));
}

function issuesOf(result: Result<unknown>): readonly Issue[] {
  return result.ok ? [] : result.issues;
}
