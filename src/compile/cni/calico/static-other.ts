/** Felix's static chains of the tables nat, mangle and raw (felix/rules/static.go and nat.go). */
import { postroutingMarkRules } from './endpoint-marks.ts';
import { action, type FelixChain, match } from './felix-rule.ts';
import { setName } from './names.ts';
import { TUNL0, vxlanDevice } from './node-routes.ts';
import { allMarks, type Static } from './static.ts';
import { VXLAN_PORT } from './tunnel-devices.ts';

const WORKLOADS = 'cali+';

export function natChains(input: Static): readonly FelixChain[] {
  const { family, ipip, vxlan, natOutgoing, allPools, randomFully, origins } = input;
  const origin = origins.plumbing();
  const floating = [{ action: action.jump('cali-fip-dnat'), origin }];
  const tunnels = [...(ipip ? [TUNL0] : []), ...(vxlan ? [vxlanDevice(family)] : [])];
  return [
    { name: 'cali-PREROUTING', rules: floating },
    { name: 'cali-OUTPUT', rules: floating },
    {
      name: 'cali-POSTROUTING',
      rules: [
        { action: action.jump('cali-fip-snat'), origin },
        { action: action.jump('cali-nat-outgoing'), origin },
        // A local process that chose its source before DNAT sent the packet into a tunnel gets the tunnel's address.
        ...tunnels.map((tunnel) => ({
          match: [...match.outInterface(tunnel), ...match.sourceNotLocalOnOutInterface(), ...match.sourceLocal()],
          action: action.masquerade(randomFully),
          origin,
        })),
      ],
    },
    { name: 'cali-fip-dnat', rules: [] },
    { name: 'cali-fip-snat', rules: [] },
    {
      name: 'cali-nat-outgoing',
      rules: natOutgoing
        ? [
            {
              match: [
                ...match.set('src', setName('masq-ipam-pools', family)),
                ...match.notSet('dst', setName(allPools, family)),
              ],
              action: action.masquerade(randomFully),
              origin: origins.natOutgoing(),
            },
          ]
        : [],
    },
  ];
}

export function mangleChains({ marks, endpointMarks, origins }: Static): readonly FelixChain[] {
  const origin = origins.plumbing();
  const accepted = match.markSet(marks.accept);
  const comments = ['Host endpoint policy accepted packet.'];
  return [
    {
      name: 'cali-PREROUTING',
      rules: [
        { match: match.ctState('RELATED,ESTABLISHED'), action: action.accept, origin },
        { match: accepted, action: action.accept, origin },
        { action: action.jump('cali-from-host-endpoint'), origin },
        { comments, match: accepted, action: action.accept, origin },
      ],
    },
    {
      name: 'cali-POSTROUTING',
      rules: [
        { match: accepted, action: action.return, origin },
        ...(endpointMarks === undefined ? [] : postroutingMarkRules(endpointMarks, origin)),
        { action: action.clearMark(allMarks(marks)), origin },
        { match: match.ctState('DNAT'), action: action.jump('cali-to-host-endpoint'), origin },
        { comments, match: accepted, action: action.return, origin },
      ],
    },
  ];
}

/** Here a scratch bit says that a packet comes from a workload; its source must be routed back to the same interface. */
export function rawChains({ marks, deny, vxlan, origins }: Static): readonly FelixChain[] {
  const origin = origins.plumbing();
  const fromWorkload = marks.scratch0;
  const untracked = vxlan
    ? [{ match: [...match.protocol('udp'), '--dport', String(VXLAN_PORT)], action: action.notrack, origin }]
    : [];
  return [
    {
      name: 'cali-PREROUTING',
      rules: [
        { action: action.clearMark(allMarks(marks)), origin },
        ...untracked,
        { match: match.inInterface(WORKLOADS), action: action.setMark(fromWorkload), origin },
        { match: match.markSet(fromWorkload), action: action.jump('cali-rpf-skip'), origin },
        {
          match: [...match.markSet(fromWorkload), ...match.reversePathFails()],
          action: deny.action,
          origin: origins.rpf(),
        },
        { match: match.markClear(fromWorkload), action: action.jump('cali-from-host-endpoint'), origin },
        { match: match.markSet(marks.accept), action: action.accept, origin },
      ],
    },
    {
      name: 'cali-OUTPUT',
      rules: [
        { action: action.clearMark(allMarks(marks)), origin },
        { action: action.jump('cali-to-host-endpoint'), origin },
        ...untracked,
        { match: match.markSet(marks.accept), action: action.accept, origin },
      ],
    },
    { name: 'cali-rpf-skip', rules: [] },
  ];
}
