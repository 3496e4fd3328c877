/** One question put to `policy`, `matrix`, `test` and `connectivity`. */
import { type IpAddr, parseIp } from '../../src/net/address.ts';
import { contains, parsePrefix } from '../../src/net/prefix.ts';
import { askCell } from '../../src/query/matrix/ask-cell.ts';
import { planMatrix } from '../../src/query/matrix/plan-matrix.ts';
import { answerPolicy } from '../../src/query/policy/answer-policy.ts';
import { answerConnectivity } from '../../src/query/policy/connectivity-answer.ts';
import type { Loaded } from '../../src/topology/load.ts';
import { runTests } from '../suite/support.ts';

export type Row = readonly [
  source: string,
  destination: string,
  port: number,
  protocol: 'tcp' | 'udp' | 'sctp',
  verdict: 'allow' | 'deny',
];

type Allowed = { readonly src: string; readonly dst: string; readonly allowed: string };

export function byPolicy(loaded: Loaded, [source, destination, port, protocol]: Row): string {
  const answer = answerPolicy(loaded, { source, destination: `${destination}:${port}`, protocol });
  return answer.ok ? answer.value.verdict : answer.issues.map(({ message }) => message).join();
}

/** A full walk that is dropped by policies was denied; one that no socket hears was allowed. */
export function byMatrix(loaded: Loaded, [source, destination, port, protocol]: Row): string {
  const plan = planMatrix(loaded, { from: [source], to: [destination], port, protocol });
  if (!plan.ok) return plan.issues.map(({ message }) => message).join();
  const [from, to] = [plan.value.sources[0], plan.value.destinations[0]];
  if (from === undefined || to === undefined) return 'nobody';
  const cell = askCell(loaded, from, to);
  if (!cell.ok) return cell.issues.map(({ message }) => message).join();
  return cell.value.code?.startsWith('POLICY_') === true ? 'deny' : 'allow';
}

/** One-line tests: one that says what a policy drops, one that says that the connection arrives, one that nobody listens. */
export function byTest(loaded: Loaded, [source, destination, port, protocol]: Row): string {
  const question = `${source} -> ${destination}:${port} ${protocol}`;
  const passes = (expected: string): boolean =>
    runTests(loaded, `${question}: ${expected}`).every(({ status }) => status === 'passed');
  const codes = ['POLICY_INGRESS_NO_MATCH', 'POLICY_EGRESS_NO_MATCH'];
  if (codes.some((code) => passes(`dropped ${code}`))) return 'deny';
  return passes('delivered') || passes('rejected SOCKET_NOT_LISTENING') ? 'allow' : 'neither';
}

/** Every row of `connectivity`. */
export function connectivityOf({ cluster }: Loaded): readonly Allowed[] {
  const { rows } = answerConnectivity(cluster, { explain: false, exposure: false, focus: [] });
  return [...rows()].map(({ src, dst, allowed }) => ({ src, dst, allowed }));
}

export function byConnectivity(rows: readonly Allowed[], [source, destination, port, protocol]: Row): string {
  for (const { src, dst, allowed } of rows) {
    if (means(src, source) && means(dst, destination) && hasPort(allowed, protocol.toUpperCase(), port)) return 'allow';
  }
  return 'deny';
}

function means(label: string, end: string): boolean {
  if (end.includes('/')) return label === `${end}[Pod]`;
  const ip = parseIp(end);
  if (ip === undefined || label.endsWith(']')) return false;
  const [first, last] = label.split('-').map((text) => parseIp(text));
  if (first !== undefined && last !== undefined) return between(first, ip, last);
  const prefix = parsePrefix(label);
  return prefix !== undefined && contains(prefix, ip);
}

function between(first: IpAddr, ip: IpAddr, last: IpAddr): boolean {
  return typeof first === typeof ip && first <= ip && ip <= last;
}

function hasPort(allowed: string, lane: string, port: number): boolean {
  if (allowed === 'All Connections') return true;
  const numbers = allowed.split(';').find((part) => part.startsWith(`${lane} `));
  return (numbers?.slice(lane.length + 1) ?? '').split(',').some((range) => {
    const [first, last = first] = range.split('-').map(Number);
    return first !== undefined && last !== undefined && first <= port && port <= last;
  });
}
