/** What `calicoctl node status` prints on a node. */
import type { NodeSettings } from '../../../cluster/settings.ts';
import { assertNever } from '../../../lib/assert.ts';
import { printIp } from '../../../net/address.ts';
import type { BgpNetwork, Session } from './bgp.ts';

const HEADERS = ['PEER ADDRESS', 'PEER TYPE', 'STATE', 'SINCE', 'INFO'] as const;
/** Nothing happens in time here, so every session is as old as the cluster. */
const SINCE = '00:00:00';

/** One family's side of a node; `node` is undefined where it has no address of the family. */
type BgpSide = { readonly bgp: BgpNetwork; readonly node: NodeSettings | undefined };

/** The text, final newline included (calicoctl/commands/node/status_linux.go). */
export function printNodeStatus(version4: BgpSide, version6: BgpSide | undefined): string {
  return [
    'Calico process is running.',
    '',
    'IPv4 BGP status',
    ...printPeers(version4, 'IPv4'),
    '',
    'IPv6 BGP status',
    ...printPeers(version6, 'IPv6'),
    '',
    '',
  ].join('\n');
}

function printPeers(side: BgpSide | undefined, version: 'IPv4' | 'IPv6'): readonly string[] {
  const node = side?.node;
  const rows =
    side === undefined || node === undefined
      ? []
      : side.bgp.sessionsOf(node).map((session) => printSession(session, node));
  return rows.length === 0 ? [`No ${version} peers found.`] : printTable(rows);
}

function printSession(session: Session, local: NodeSettings): readonly string[] {
  const { peer, type, problem } = session;
  const address = peer.kind === 'outside' ? peer.address : peer.node.address.addr;
  const state = problem === undefined ? 'up' : 'start';
  return [printIp(address), type, state, SINCE, printInfo(session, printIp(local.address.addr), printIp(address))];
}

function printInfo({ type, problem }: Session, own: string, peer: string): string {
  switch (problem?.kind) {
    case undefined:
      return 'Established';
    case 'down':
      // In the mesh the node with the greater address, compared as text, opens the connection; the other waits for it.
      return type === 'node-to-node mesh' && peer > own ? 'Passive' : 'Connect';
    case 'bad-peer-as':
      return 'Idle BGP Error: Bad peer AS';
    case 'not-configured-there':
      return 'Active Socket: Connection closed';
    default:
      return assertNever(problem);
  }
}

/** Cells flush left, headers in the middle, as tablewriter draws them. */
function printTable(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = HEADERS.map((header, column) =>
    Math.max(header.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const rule = `+${widths.map((width) => '-'.repeat(width + 2)).join('+')}+`;
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const header = HEADERS.map((text, column) => center(text, widths[column] ?? 0));
  const body = rows.map((row) => line(row.map((text, column) => text.padEnd(widths[column] ?? 0))));
  return [rule, line(header), rule, ...body, rule];
}

function center(text: string, width: number): string {
  const left = Math.floor((width - text.length) / 2);
  return text.padStart(text.length + left).padEnd(width);
}
