/** Calls that try, in an empty namespace, whether the running kernel has what a plan needs; each names what a failure means. */
import type { Call } from './build-calls.ts';
import { listenerPlaces } from './listener-places.ts';
import type { LabPlan } from './plan.ts';

/** `undo` puts things back after a success. */
export type NeedCall = { readonly lack: string; readonly call: Call; readonly undo?: Call };

/** Words that `ip link add … type KIND` wants behind the kind. */
const KIND_WORDS: ReadonlyMap<string, readonly string[]> = new Map([
  ['vxlan', ['id', '1', 'dstport', '4789']],
  ['ipip', ['local', 'any', 'remote', 'any']],
  ['veth', ['peer', 'name', 'probe1']],
  ['vlan', ['id', '5']],
  ['macvlan', ['mode', 'bridge']],
]);

/** Kinds that sit on another device: a bridge serves. */
const STACKED: ReadonlySet<string> = new Set(['vlan', 'macvlan']);

/** Every program of buildCalls() and listenerCalls() that not every machine has. */
export function neededTools(plan: LabPlan): readonly string[] {
  const some = (has: (machine: LabPlan['machines'][number]) => boolean): boolean => plan.machines.some(has);
  return [
    ...['ip', 'sysctl'],
    ...(some((machine) => machine.bridge.length > 0) ? ['bridge'] : []),
    ...(some((machine) => machine.iptables !== '') ? ['iptables-restore'] : []),
    ...(some((machine) => machine.ip6tables !== '') ? ['ip6tables-restore'] : []),
    ...(some((machine) => machine.ipset !== '') ? ['ipset'] : []),
    ...(some((machine) => machine.ipvs !== undefined) ? ['ipvsadm'] : []),
    ...(some((machine) => machine.nftables !== undefined) ? ['nft'] : []),
    ...(some((machine) => listenerPlaces(machine.listeners).length > 0) ? ['python3'] : []),
  ];
}

/** `netns` is the name of the empty namespace. The printed script makes the same calls. */
export function needCalls(plan: LabPlan, netns: string): readonly NeedCall[] {
  const ip = (...words: readonly string[]): Call => ({ program: 'ip', arguments: ['-n', netns, ...words] });
  const inside = (...words: readonly string[]): Call => ({
    program: 'ip',
    arguments: ['netns', 'exec', netns, ...words],
  });
  const { kinds, sets, bridgeNetfilter } = plan.needs;
  const remove = ip('link', 'del', 'dev', 'probe0');
  return [
    ...kinds
      .filter((kind) => !STACKED.has(kind))
      .map((kind) => ({
        lack: `devices of kind ${kind}`,
        call: ip('link', 'add', 'name', 'probe0', 'type', kind, ...(KIND_WORDS.get(kind) ?? [])),
        undo: remove,
      })),
    ...(kinds.some((kind) => STACKED.has(kind))
      ? [{ lack: 'devices of kind bridge', call: ip('link', 'add', 'name', 'probe9', 'type', 'bridge') }]
      : []),
    ...kinds
      .filter((kind) => STACKED.has(kind))
      .map((kind) => ({
        lack: `devices of kind ${kind}`,
        call: ip('link', 'add', 'link', 'probe9', 'name', 'probe0', 'type', kind, ...(KIND_WORDS.get(kind) ?? [])),
        undo: remove,
      })),
    ...(bridgeNetfilter
      ? [
          {
            lack: 'the module br_netfilter',
            call: inside('test', '-e', '/proc/sys/net/bridge/bridge-nf-call-iptables'),
          },
        ]
      : []),
    // Listing loads ip_vs, and with it the settings net.ipv4.vs.*.
    ...(plan.machines.some((machine) => machine.ipvs !== undefined)
      ? [{ lack: 'the module ip_vs', call: inside('ipvsadm', '-Ln') }]
      : []),
    ...sets.map((type) => ({
      lack: `sets of type ${type}`,
      call: inside('ipset', 'create', 'probe', type, ...(type.startsWith('bitmap:port') ? ['range', '0-9'] : [])),
      undo: inside('ipset', 'destroy', 'probe'),
    })),
  ];
}
