/** The chain of one workload and direction (felix/rules/endpoints.go: endpointIptablesChain). */
import type { NetworkPolicy } from '../../../cluster/objects.ts';
import type { OriginId } from '../../../kernel/origin.ts';
import { action, type FelixRule, match } from './felix-rule.ts';
import { chainName } from './names.ts';
import type { Direction } from './policy.ts';
import type { Static } from './static.ts';
import { VXLAN_PORT } from './tunnel-devices.ts';
import type { CalicoVersion } from './version.ts';
import type { Workload } from './workload.ts';

const PROTOCOL_IPIP = 4;
const PROTOCOL_UDP = 17;

export type EndpointInput = {
  readonly workload: Workload;
  readonly direction: Direction;
  /** The policies of this direction that select it, in Calico's order. */
  readonly policies: readonly NetworkPolicy[];
  /** What the policies are jumped to by: their own chains, or one for a group. */
  readonly policyChains: readonly string[];
  readonly context: Static;
  readonly version: CalicoVersion;
};

export function endpointChainName(hostInterface: string, direction: Direction): string {
  return chainName(direction === 'ingress' ? 'cali-tw-' : 'cali-fw-', hostInterface);
}

export function endpointRules({
  workload,
  direction,
  policies,
  policyChains,
  context,
  version,
}: EndpointInput): readonly FelixRule[] {
  const { marks, deny, origins } = context;
  const origin = origins.plumbing();
  const returnIfAccepted = (what: string): FelixRule => ({
    comments: [`Return if ${what} accepted`],
    match: match.markSet(marks.accept),
    action: action.return,
    origin,
  });
  const [first] = policies;
  return [
    { match: match.ctState('RELATED,ESTABLISHED'), action: action.accept, origin },
    { match: match.ctState('INVALID'), action: deny.action, origin },
    { action: action.clearMark(marks.accept | marks.pass), origin },
    // A workload that encapsulates by itself could get round its egress policy.
    ...(direction === 'egress' ? encapsulationRules(context) : []),
    ...(first === undefined
      ? []
      : [
          { comments: ['Start of tier default'], action: action.clearMark(marks.pass), origin },
          ...policyChains.flatMap((chain) => [
            { match: match.markClear(marks.pass), action: action.jump(chain), origin },
            returnIfAccepted('policy'),
          ]),
          {
            comments: [version.endOfTier(deny.word)],
            match: match.markClear(marks.pass),
            action: deny.action,
            origin: origins.policyDefault(first, direction, workload),
          },
        ]),
    ...workload.profiles.flatMap(({ name }) => [
      { action: action.jump(profileChainName(name, direction)), origin },
      returnIfAccepted('profile'),
    ]),
    { comments: [`${deny.word} if no profiles matched`], action: deny.action, origin },
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

export function profileChainName(profile: string, direction: Direction): string {
  return chainName(direction === 'ingress' ? 'cali-pri-' : 'cali-pro-', profile);
}

/** A profile that allows sets the accept bit; one that has no rules only its comment. */
export function profileRules(
  name: string,
  allows: boolean,
  direction: Direction,
  context: Static,
): readonly FelixRule[] {
  return [
    {
      comments: [`Profile ${name} ${direction}`],
      ...(allows ? { action: action.setMark(context.marks.accept) } : {}),
      origin: context.origins.profile(name),
    },
  ];
}
