/**
 * Felix beside kube-proxy in IPVS mode (felix/rules/static.go with KubeIPVSSupportEnabled, felix/rules/dispatch.go
 * endpointMarkDispatchChains()). A packet to a Service does not pass FORWARD: it comes in by INPUT, where its interface
 * is known, and leaves by OUTPUT, where it is not. So INPUT notes the interface in the mark, and OUTPUT sends the packet
 * through the chains that FORWARD would have sent it through.
 */
import type { OriginId } from '../../../kernel/origin.ts';
import type { Family } from '../../../net/address.ts';
import type { CalicoContext } from './context.ts';
import { interfaceDispatch } from './dispatch.ts';
import { ENDPOINT_PREFIXES, endpointChainName } from './endpoint-chain.ts';
import { action, type FelixChain, type FelixRule, match } from './felix-rule.ts';
import { ANY_INTERFACE } from './host-endpoints.ts';
import { setName } from './names.ts';
import type { Static } from './static.ts';
import type { Workload } from './workload.ts';

/** Bits of the mark that say by which endpoint a packet came in. */
export type EndpointMarks = {
  readonly mask: number;
  /** Of packets that came in by no endpoint of Calico's: the lowest bit. */
  readonly nonCalico: number;
  readonly workloads: ReadonlyMap<string, number>;
  readonly hosts: ReadonlyMap<string, number>;
};

const HEX_MASK = 0xffffffff;

/** The bits that are left in the mask of all of Felix's bits, 0xffff0000, behind the highest that it uses otherwise. */
export function endpointMarks(highest: number, workloads: readonly string[], hosts: readonly string[]): EndpointMarks {
  const nonCalico = highest * 2;
  const mask = (HEX_MASK ^ (nonCalico - 1)) >>> 0;
  const marks = allocate([...workloads, ...hosts], nonCalico, 2 ** 32 / nonCalico);
  const of = (names: readonly string[]): ReadonlyMap<string, number> =>
    new Map(
      [...new Set(names)].sort().flatMap((name) => {
        const mark = marks.get(name);
        return mark === undefined ? [] : [[name, mark] as const];
      }),
    );
  return { mask, nonCalico, workloads: of(workloads), hosts: of(hosts) };
}

/** DefaultEPMarkManager: a place by the FNV-1 hash of the name, the next free one where it is taken; 0 and 1 are not given out. */
function allocate(interfaces: readonly string[], unit: number, places: number): ReadonlyMap<string, number> {
  const taken = new Set([0, 1]);
  const marks = new Map<string, number>();
  for (const name of [...new Set(interfaces)].sort()) {
    if (taken.size >= places) break;
    let place = fnv1(name) % places;
    while (taken.has(place)) place = (place + 1) % places;
    taken.add(place);
    marks.set(name, place * unit);
  }
  return marks;
}

function fnv1(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = (Math.imul(hash, 0x01000193) ^ byte) >>> 0;
  return hash;
}

/** Of an endpoint for all devices there is none: its interface has no name. */
export function marksOfNode(
  { cluster, version }: CalicoContext,
  workloads: readonly Workload[],
  hosts: readonly { readonly device: string }[],
): { readonly endpointMarks?: EndpointMarks } {
  if (cluster.settings.proxy.mode !== 'ipvs') return {};
  const devices = hosts.map(({ device }) => device).filter((device) => device !== ANY_INTERFACE);
  const names = workloads.map(({ hostInterface }) => hostInterface);
  return {
    endpointMarks: endpointMarks(version.marks.scratch1, names, devices),
  };
}

/** In cali-INPUT, before anything about workloads and the host itself. */
export function inputMarkRules({ mask }: EndpointMarks, origin: OriginId): readonly FelixRule[] {
  return [
    { action: action.clearMark(mask), origin },
    { action: action.jump(FORWARD_CHECK), origin },
    { match: match.markNotClear(mask), action: action.return, origin },
  ];
}

/** In cali-OUTPUT, behind the test of the accept bit. */
export function outputMarkRules({ mask }: EndpointMarks, origin: OriginId): readonly FelixRule[] {
  return [
    {
      match: match.markNotClear(mask),
      action: action.goto(FORWARD_MARK),
      origin,
    },
  ];
}

/** In mangle cali-POSTROUTING: policies of host endpoints are not for what is forwarded. */
export function postroutingMarkRules({ mask }: EndpointMarks, origin: OriginId): readonly FelixRule[] {
  return [{ match: match.markNotClear(mask), action: action.return, origin }];
}

export function endpointMarkChains({ family, endpointMarks: of, marks, deny, origins }: Static): readonly FelixChain[] {
  if (of === undefined) return [];
  const origin = origins.plumbing();
  const unknown = { action: deny.action, origin: origins.unknownWorkload() };
  return [
    { name: FORWARD_CHECK, rules: forwardCheckRules(family, origin) },
    { name: FORWARD_MARK, rules: forwardMarkRules(of, marks.accept, origin) },
    ...setMarkChains(of, unknown, origin),
    { name: FROM_MARK, rules: fromMarkRules(of, unknown, origin) },
    ...[...of.workloads, ...of.hosts].map(([name, mark]) => ({
      name: endpointChainName(SET_ONE, name),
      rules: [{ action: action.setMaskedMark(mark, of.mask), origin }],
    })),
  ];
}

const FORWARD_CHECK = 'cali-forward-check';
const FORWARD_MARK = 'cali-forward-endpoint-mark';
const SET_MARK = 'cali-set-endpoint-mark';
const FROM_MARK = 'cali-from-endpoint-mark';
const SET_ONE = 'cali-sm-';
const WORKLOADS = 'cali+';
/** KubeNodePortRanges. */
const NODE_PORTS = [{ first: 30000, last: 32767 }];

/** Addresses of the node but for those on kube-ipvs0: packets to others, or to NodePorts, are on their way elsewhere. */
function forwardCheckRules(family: Family, origin: OriginId): readonly FelixRule[] {
  const thisHost = setName(THIS_HOST, family);
  return [
    {
      match: match.ctState('RELATED,ESTABLISHED'),
      action: action.return,
      origin,
    },
    ...(['tcp', 'udp'] as const).map((protocol) => ({
      comments: ['To kubernetes NodePort service'],
      match: [...match.protocol(protocol), ...match.destinationPorts(NODE_PORTS), ...match.set('dst', thisHost)],
      action: action.goto(SET_MARK),
      origin,
    })),
    {
      comments: ['To kubernetes service'],
      match: match.notSet('dst', thisHost),
      action: action.jump(SET_MARK),
      origin,
    },
  ];
}

/** Id of the set of the node's own addresses. */
export const THIS_HOST = 'this-host';

function forwardMarkRules(marks: EndpointMarks, accept: number, origin: OriginId): readonly FelixRule[] {
  const foreign = ['-m', 'mark', '!', '--mark', `${hex(marks.nonCalico)}/${hex(marks.mask)}`];
  return [
    { match: foreign, action: action.jump(FROM_MARK), origin },
    {
      match: match.outInterface(WORKLOADS),
      action: action.jump('cali-to-wl-dispatch'),
      origin,
    },
    { action: action.jump('cali-to-hep-forward'), origin },
    { action: action.clearMark(marks.mask), origin },
    {
      comments: ['Policy explicitly accepted packet.'],
      match: match.markSet(accept),
      action: action.accept,
      origin,
    },
  ];
}

/** The shallow trees of workloads and of hosts under one root; the children have no end of their own. */
function setMarkChains(marks: EndpointMarks, unknown: Unknown, origin: OriginId): readonly FelixChain[] {
  const trees = [marks.workloads, marks.hosts].flatMap((of) =>
    interfaceDispatch({
      root: SET_MARK,
      prefix: SET_ONE,
      direction: 'from',
      interfaces: [...of.keys()],
      end: [],
      origin,
    }),
  );
  const end: readonly FelixRule[] = [
    {
      comments: ['Unknown endpoint'],
      match: match.inInterface(WORKLOADS),
      ...unknown,
    },
    {
      comments: ['Non-Cali endpoint mark'],
      action: action.setMaskedMark(marks.nonCalico, marks.mask),
      origin,
    },
  ];
  const isRoot = ({ name }: FelixChain): boolean => name === SET_MARK;
  const entries = trees.filter(isRoot).flatMap(({ rules }) => rules);
  return [...trees.filter((chain) => !isRoot(chain)), { name: SET_MARK, rules: [...entries, ...end] }];
}

function fromMarkRules(marks: EndpointMarks, unknown: Unknown, origin: OriginId): readonly FelixRule[] {
  const from = (of: ReadonlyMap<string, number>, prefix: string): readonly FelixRule[] =>
    [...of].map(([name, mark]) => ({
      match: ['-m', 'mark', '--mark', `${hex(mark)}/${hex(marks.mask)}`],
      action: action.goto(endpointChainName(prefix, name)),
      origin,
    }));
  return [
    ...from(marks.workloads, ENDPOINT_PREFIXES.workload.egress),
    ...from(marks.hosts, ENDPOINT_PREFIXES.hostForward.ingress),
    { comments: ['Unknown interface'], ...unknown },
  ];
}

type Unknown = Pick<FelixRule, 'origin' | 'action'>;

function hex(mark: number): string {
  return `0x${mark.toString(16)}`;
}
