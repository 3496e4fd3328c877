/** The chain of one endpoint, direction and stage (felix/rules/endpoints.go: endpointIptablesChain). */
import type { OriginId } from '../../../kernel/origin.ts';
import { action, type FelixRule, match } from './felix-rule.ts';
import { chainName } from './names.ts';
import type { PolicyGroup } from './policy-chains.ts';
import type { Policy } from './policy-model.ts';
import type { Static } from './static.ts';
import { VXLAN_PORT } from './tunnel-devices.ts';
import type { CalicoVersion } from './version.ts';

const PROTOCOL_IPIP = 4;
const PROTOCOL_UDP = 17;

/** normal: the filter table, and a host's own egress in mangle. forward: traffic through a host endpoint. */
type ChainType = 'normal' | 'untracked' | 'pre-dnat' | 'forward';

type EndpointTier = {
  readonly name: string;
  readonly defaultAction: 'Deny' | 'Pass';
  /** Of the direction. */
  readonly groups: readonly PolicyGroup[];
};

export type EndpointChain = {
  readonly type: ChainType;
  /** Only those with a policy in one of the directions; `groups` is empty where the direction has none. */
  readonly tiers: readonly EndpointTier[];
  readonly profileChains: readonly string[];
  readonly failsafe?: string;
  /** What becomes of packets of known connections: ACCEPT, or RETURN where other rules of the table must see them. */
  readonly allow: readonly string[];
  /** Packets that the endpoint may not encapsulate by itself. */
  readonly encapsulation: 'allowed' | 'denied';
  readonly origins: {
    /** The end of a tier; its first policy isolates the endpoint. */
    readonly endOfTier: (policy: Policy) => OriginId;
    readonly noProfile: () => OriginId;
  };
};

export const ENDPOINT_PREFIXES = {
  workload: { ingress: 'cali-tw-', egress: 'cali-fw-' },
  host: { ingress: 'cali-fh-', egress: 'cali-th-' },
  hostForward: { ingress: 'cali-fhfw-', egress: 'cali-thfw-' },
} as const;

export function endpointChainName(prefix: string, device: string): string {
  return chainName(prefix, device);
}

export function endpointRules(chain: EndpointChain, context: Static, version: CalicoVersion): readonly FelixRule[] {
  const { marks, deny, origins } = context;
  const origin = origins.plumbing();
  const { type, tiers, failsafe, profileChains } = chain;
  return [
    ...(type === 'untracked' ? [] : conntrackRules(chain.allow, context)),
    ...(failsafe === undefined ? [] : [{ action: action.jump(failsafe), origin }]),
    { action: action.clearMark(marks.accept | marks.pass), origin },
    // A workload that encapsulates by itself could get round its egress policy.
    ...(chain.encapsulation === 'denied' ? encapsulationRules(context) : []),
    ...tiers.flatMap((tier) => tierRules(tier, chain, context, version)),
    ...(type === 'forward' && tiers.length === 0
      ? [
          { comments: ['Allow forwarded traffic by default'], action: action.setMark(marks.accept), origin },
          { comments: ['Return for accepted forward traffic'], action: action.return, origin },
        ]
      : []),
    ...(type === 'normal'
      ? [
          ...profileChains.flatMap((profile) => [
            { action: action.jump(profile), origin },
            returnIfAccepted('profile', context),
          ]),
          { comments: [`${deny.word} if no profiles matched`], action: deny.action, origin: chain.origins.noProfile() },
        ]
      : []),
  ];
}

function returnIfAccepted(what: string, { marks, origins }: Static): FelixRule {
  return {
    comments: [`Return if ${what} accepted`],
    match: match.markSet(marks.accept),
    action: action.return,
    origin: origins.plumbing(),
  };
}

/** appendConntrackRules: who only returns says by the bit that the packet is allowed. */
function conntrackRules(allow: readonly string[], { marks, deny, origins }: Static): readonly FelixRule[] {
  const origin = origins.plumbing();
  const known = match.ctState('RELATED,ESTABLISHED');
  return [
    ...(allow === action.accept ? [] : [{ match: known, action: action.setMark(marks.accept), origin }]),
    { match: known, action: allow, origin },
    { match: match.ctState('INVALID'), action: deny.action, origin },
  ];
}

function tierRules(
  { name, defaultAction, groups }: EndpointTier,
  { type, origins: own }: EndpointChain,
  context: Static,
  version: CalicoVersion,
): readonly FelixRule[] {
  const { marks, deny, origins } = context;
  const origin = origins.plumbing();
  const first = groups[0]?.policies[0];
  if (first === undefined) return [];
  // Untracked and pre-DNAT policies leave the packet to those of the filter table.
  const ends = (type === 'normal' || type === 'forward') && defaultAction === 'Deny';
  return [
    { comments: [version.startOfTier(name)], action: action.clearMark(marks.pass), origin },
    ...groups.flatMap(({ chain }) => [
      { match: match.markClear(marks.pass), action: action.jump(chain), origin },
      ...(type === 'untracked' ? [{ match: match.markSet(marks.accept), action: action.notrack, origin }] : []),
      returnIfAccepted('policy', context),
    ]),
    ...(ends
      ? [
          {
            comments: [version.endOfTier(name, deny.word)],
            match: match.markClear(marks.pass),
            action: deny.action,
            origin: own.endOfTier(first),
          },
        ]
      : []),
  ];
}

function encapsulationRules({ deny, origins }: Static): readonly FelixRule[] {
  const origin: OriginId = origins.tunnelFilter();
  return [
    {
      comments: [`${deny.word} VXLAN encapped packets originating in workloads`],
      match: [...match.protocol(PROTOCOL_UDP), ...match.destinationPorts([{ first: VXLAN_PORT, last: VXLAN_PORT }])],
      action: deny.action,
      origin,
    },
    {
      comments: [`${deny.word} IPinIP encapped packets originating in workloads`],
      match: match.protocol(PROTOCOL_IPIP),
      action: deny.action,
      origin,
    },
  ];
}
