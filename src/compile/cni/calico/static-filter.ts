/** Felix's static chains of the filter table (felix/rules/static.go), in its order. */
import { inputMarkRules, outputMarkRules } from './endpoint-marks.ts';
import { action, type FelixChain, type FelixRule, match } from './felix-rule.ts';
import { neighbourDiscoveryRules } from './icmp6-rules.ts';
import { setName } from './names.ts';
import { allMarks, type Static } from './static.ts';
import { VXLAN_PORT } from './tunnel-devices.ts';

const PROTOCOL_IPIP = 4;
const PROTOCOL_UDP = 17;
const WORKLOADS = 'cali+';

export function filterChains(context: Static): readonly FelixChain[] {
  return [
    { name: 'cali-INPUT', rules: inputRules(context) },
    { name: 'cali-wl-to-host', rules: workloadToHostRules(context) },
    { name: 'cali-FORWARD', rules: forwardRules(context) },
    { name: 'cali-OUTPUT', rules: outputRules(context) },
    { name: 'cali-cidr-block', rules: [] },
  ];
}

function inputRules({ family, marks, deny, ipip, vxlan, endpointMarks, origins }: Static): readonly FelixRule[] {
  const origin = origins.plumbing();
  const tunnel = origins.tunnelFilter();
  const vxlanPacket = [...match.protocol(PROTOCOL_UDP), ...match.destinationPorts([VXLAN_PORTS])];
  return [
    ...(ipip
      ? [
          {
            comments: ['Allow IPIP packets from Calico hosts'],
            match: [...match.protocol(PROTOCOL_IPIP), ...match.set('src', ALL_HOSTS), ...match.destinationLocal()],
            action: action.accept,
            origin: tunnel,
          },
          {
            comments: [`${deny.word} IPIP packets from non-Calico hosts`],
            match: match.protocol(PROTOCOL_IPIP),
            action: deny.action,
            origin: tunnel,
          },
        ]
      : []),
    ...(vxlan
      ? [
          {
            comments: [`Allow IPv${family} VXLAN packets from allowed hosts`],
            match: [...vxlanPacket, ...match.set('src', setName(ALL_VXLAN, family)), ...match.destinationLocal()],
            action: action.accept,
            origin: tunnel,
          },
          {
            // Only the IPv6 rule follows denyAction (filterInputChain()).
            comments: [`${family === 4 ? 'Drop' : deny.word} IPv${family} VXLAN packets from non-allowed hosts`],
            match: [...vxlanPacket, ...match.destinationLocal()],
            action: family === 4 ? action.drop : deny.action,
            origin: tunnel,
          },
        ]
      : []),
    ...(endpointMarks === undefined ? [] : inputMarkRules(endpointMarks, origin)),
    { match: match.inInterface(WORKLOADS), action: action.goto('cali-wl-to-host'), origin },
    { match: match.markSet(marks.accept), action: action.accept, origin },
    { action: action.clearMark(allMarks(marks)), origin },
    { action: action.jump('cali-from-host-endpoint'), origin },
    { comments: [HOST_ACCEPTED], match: match.markSet(marks.accept), action: action.accept, origin },
  ];
}

/** A workload's egress policy applies to packets for its own host too; then the configured action. */
function workloadToHostRules({ family, endpointToHost, origins }: Static): readonly FelixRule[] {
  const actions = { Accept: action.accept, Drop: action.drop, Return: action.return };
  return [
    ...(family === 6 ? neighbourDiscoveryRules(origins.plumbing()) : []),
    { action: action.jump('cali-from-wl-dispatch'), origin: origins.plumbing() },
    {
      comments: ['Configured DefaultEndpointToHostAction'],
      action: actions[endpointToHost],
      origin: origins.endpointToHost(),
    },
  ];
}

/** It never accepts: the two rules that Felix appends to FORWARD do, behind everybody else's. */
function forwardRules({ marks, origins }: Static): readonly FelixRule[] {
  const origin = origins.plumbing();
  return [
    { action: action.clearMark(allMarks(marks) & ~marks.accept), origin },
    { match: match.markClear(marks.accept), action: action.jump('cali-from-hep-forward'), origin },
    { match: match.inInterface(WORKLOADS), action: action.jump('cali-from-wl-dispatch'), origin },
    { match: match.outInterface(WORKLOADS), action: action.jump('cali-to-wl-dispatch'), origin },
    { action: action.jump('cali-to-hep-forward'), origin },
    { action: action.jump('cali-cidr-block'), origin },
  ];
}

export function forwardAppendedRules({ marks, origins }: Static): readonly FelixRule[] {
  const origin = origins.plumbing();
  return [
    {
      comments: ['Policy explicitly accepted packet.'],
      match: match.markSet(marks.accept),
      action: action.accept,
      origin,
    },
    { action: action.setMark(marks.accept), origin },
  ];
}

function outputRules({ family, marks, ipip, vxlan, endpointMarks, origins }: Static): readonly FelixRule[] {
  const origin = origins.plumbing();
  const tunnel = origins.tunnelFilter();
  return [
    { match: match.markSet(marks.accept), action: action.accept, origin },
    ...(endpointMarks === undefined ? [] : outputMarkRules(endpointMarks, origin)),
    // No policy from a host to its own workloads.
    { match: match.outInterface(WORKLOADS), action: action.return, origin },
    ...(ipip
      ? [
          {
            comments: ['Allow IPIP packets to other Calico hosts'],
            match: [...match.protocol(PROTOCOL_IPIP), ...match.set('dst', ALL_HOSTS), ...match.sourceLocal()],
            action: action.accept,
            origin: tunnel,
          },
        ]
      : []),
    ...(vxlan
      ? [
          {
            comments: [`Allow IPv${family} VXLAN packets to other allowed hosts`],
            match: [
              ...match.protocol(PROTOCOL_UDP),
              ...match.destinationPorts([VXLAN_PORTS]),
              ...match.sourceLocal(),
              ...match.set('dst', setName(ALL_VXLAN, family)),
            ],
            action: action.accept,
            origin: tunnel,
          },
        ]
      : []),
    { action: action.clearMark(allMarks(marks)), origin },
    { match: match.notCtState('DNAT'), action: action.jump('cali-to-host-endpoint'), origin },
    { comments: [HOST_ACCEPTED], match: match.markSet(marks.accept), action: action.accept, origin },
  ];
}

const HOST_ACCEPTED = 'Host endpoint policy accepted packet.';
const VXLAN_PORTS = { first: VXLAN_PORT, last: VXLAN_PORT };
/** IPIP carries IPv4 alone. */
const ALL_HOSTS = setName('all-hosts-net');
const ALL_VXLAN = 'all-vxlan-net';
