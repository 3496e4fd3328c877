/** From machines as the emulator sees them to what it takes to build them. */

import { deviceNameProblem } from '../kernel/link/device-name.ts';
import { printIpsetSave } from '../kernel/netfilter/ipset/save.ts';
import { printIptablesSave } from '../kernel/netfilter/save-format.ts';
import type { Netns } from '../kernel/netns.ts';
import type { Listener } from '../kernel/socket.ts';
import { quote } from '../lib/quote.ts';
import { type Issue, issue } from '../lib/result.ts';
import { isIp6, printIp } from '../net/address.ts';
import { nameNetnses, unusedName } from './netns-names.ts';
import type { Arguments, LabListener, LabMachine, LabNeeds, LabPlan, SysctlSetting } from './plan.ts';
import { planDevices, planLate } from './plan-devices.ts';
import { planIpvs } from './plan-ipvs.ts';
import { planNftables } from './plan-nftables.ts';
import { planRoutes, planRules } from './plan-routes.ts';
import { birthSysctls, planSysctls } from './plan-sysctls.ts';
import { type AddedMachines, planWiring, SWITCH_BRIDGE, type Switch, switchPort } from './plan-wiring.ts';

/** The plan for these machines and the segments between them; issues say what of them cannot be built. */
export function planLab(netnses: readonly Netns[]): { readonly plan: LabPlan; readonly issues: readonly Issue[] } {
  const names = new Set(netnses.map((netns): string => netns.id));
  const added: AddedMachines = {
    workshop: unusedName('(workshop)', names),
    switchOf: (segment) => unusedName(`(switch ${segment})`, names),
  };
  const wiring = planWiring(netnses, added);
  const issues = netnses.flatMap(nameIssues);
  const drafts = [
    ...netnses.map((netns) => planMachine(netns, issues)),
    ...wiring.switches.map((one) => planSwitch(one, added)),
    ...(wiring.workshopUsed ? [empty(added.workshop, 'workshop')] : []),
  ];
  const netnsNames = nameNetnses(drafts.map((draft) => draft.name));
  const machines = drafts.map((draft, index): LabMachine => ({ ...draft, netns: netnsNames[index] ?? draft.name }));
  return {
    plan: {
      format: 'nettrace/lab/v1',
      needs: needsOf(netnses, wiring.switches.length > 0),
      machines,
      wiring: wiring.steps,
    },
    issues,
  };
}

type Draft = Omit<LabMachine, 'netns'>;

function planMachine(netns: Netns, issues: Issue[]): Draft {
  const hasIpv6 = [...netns.devices.values()].some((device) => device.addresses.some((address) => isIp6(address.ip)));
  const sysctls = planSysctls(netns.sysctls.given);
  issues.push(...sysctls.issues);
  const ip6tables = hasIpv6 ? printIptablesSave(netns.ip6tables()) : '';
  return {
    name: netns.id,
    role: 'machine',
    devices: [...netns.devices.keys()],
    ipv6: hasIpv6,
    birth: birthSysctls(hasIpv6),
    sysctls: sysctls.settings,
    ip: [...planDevices(netns), ...planRoutes(netns), ...planRules(netns, hasIpv6)],
    bridge: netns.fdb.map(
      (entry): Arguments => [
        'fdb',
        'append',
        entry.mac,
        'dev',
        entry.device,
        'dst',
        printIp(entry.remote),
        'self',
        'permanent',
      ],
    ),
    late: planLate(netns),
    ipset: printIpsetSave([...netns.ipsets.values()]),
    iptables: printIptablesSave(netns.iptables()),
    ip6tables,
    ...planIpvs(netns),
    ...planNftables(netns),
    listeners: planListeners(netns.listeners, hasIpv6),
  };
}

/**
 * One socket for an address and port: a second process could not bind to it (inet_csk_get_port()), nor to one of the
 * addresses of a socket that has them all.
 */
function planListeners(all: readonly Listener[], hasIpv6: boolean): readonly LabListener[] {
  const everywhere = new Set(
    all.filter((one) => one.address === undefined).map((one) => `${one.protocol} ${one.port}`),
  );
  const planned = new Map<string, LabListener>();
  for (const { protocol, port, address } of all) {
    if (address !== undefined && everywhere.has(`${protocol} ${port}`)) continue;
    const texts = address !== undefined ? [printIp(address)] : hasIpv6 ? ['', '::'] : [''];
    for (const text of texts) planned.set(`${protocol} ${port} ${text}`, { protocol, port, address: text });
  }
  return [...planned.values()];
}

/** A switch only forwards frames: no address, no packet filter. */
function planSwitch({ segment, ports }: Switch, added: AddedMachines): Draft {
  const names = ports.map((_, index) => switchPort(index));
  const noFilter = ['iptables', 'ip6tables'].map((tool): SysctlSetting => [`net/bridge/bridge-nf-call-${tool}`, '0']);
  const late: Arguments[] = [];
  return {
    ...empty(added.switchOf(segment), 'switch'),
    devices: [SWITCH_BRIDGE, ...names],
    birth: birthSysctls(false),
    sysctls: noFilter,
    ip: [
      ...names.map((name): Arguments => ['link', 'set', 'dev', name, 'master', SWITCH_BRIDGE]),
      ...[SWITCH_BRIDGE, ...names].map((name): Arguments => ['link', 'set', 'dev', name, 'up']),
    ],
    late,
  };
}

function empty(name: string, role: LabMachine['role']): Draft {
  const birth = birthSysctls(false);
  return {
    name,
    role,
    devices: [],
    ipv6: false,
    birth,
    sysctls: [],
    ip: [],
    bridge: [],
    late: [],
    ipset: '',
    iptables: '',
    ip6tables: '',
    listeners: [],
  };
}

function needsOf(netnses: readonly Netns[], hasSwitch: boolean): LabNeeds {
  const kinds = new Set<string>(hasSwitch ? ['veth', 'bridge'] : []);
  for (const netns of netnses) {
    for (const device of netns.devices.values()) {
      if (device.kind !== 'loopback') kinds.add(device.kind === 'ethernet' ? 'veth' : device.kind);
    }
  }
  const sets = new Set(netnses.flatMap((netns) => [...netns.ipsets.values()].map((set) => set.type)));
  const bridgeNetfilter = netnses.some((netns) => netns.sysctls.given.has('net.bridge.bridge-nf-call-iptables'));
  return { kinds: [...kinds].sort(), sets: [...sets].sort(), bridgeNetfilter };
}

/** Names come from the input; one that the kernel refuses is said here and not by `ip`. */
function nameIssues(netns: Netns): readonly Issue[] {
  return [...netns.devices.keys()].flatMap((name) => {
    const problem = deviceNameProblem(name);
    return problem === undefined
      ? []
      : [issue('lab-device-name', `the device name ${quote(name)} of ${quote(netns.id)} ${problem}`)];
  });
}
