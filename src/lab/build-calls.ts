/** A plan as calls of programs, in order: argument lists that no shell reads. The printed script says the same in words. */

import { listenerPlaces } from './listener-places.ts';
import { LISTENER_PROGRAM } from './listener-program.ts';
import type { Arguments, LabMachine, LabPlan, SysctlSetting, WireEnd, WiringStep } from './plan.ts';

export type Call = { readonly program: string; readonly arguments: Arguments; readonly input?: string };

/** linkwatch_schedule_work() tells of a carrier up to a second late, and a bridge's port then begins to forward. */
export const CARRIER_SECONDS = '1.2';

export function buildCalls(plan: LabPlan): readonly Call[] {
  const netnsOf = new Map(plan.machines.map((machine) => [machine.name, machine.netns]));
  const nameOf = (machine: string): string => netnsOf.get(machine) ?? machine;
  const late = plan.machines.flatMap((machine) => machine.late.map((words) => inside(machine, 'ip', words)));
  return [
    ...plan.machines.flatMap((machine) => [
      { program: 'ip', arguments: ['netns', 'add', machine.netns] },
      ...sysctls(machine, machine.birth),
    ]),
    ...plan.wiring.map((step) => wiringCall(step, nameOf)),
    ...plan.machines.flatMap(machineCalls),
    ...(late.length === 0 ? [] : [{ program: 'sleep', arguments: [CARRIER_SECONDS] }, ...late]),
  ];
}

/** One process a machine, that goes on in the background. */
export function listenerCalls(plan: LabPlan): readonly Call[] {
  return plan.machines.flatMap((machine) => {
    const places = listenerPlaces(machine.listeners);
    return places.length === 0
      ? []
      : [inside(machine, 'python3', ['-c', LISTENER_PROGRAM, machine.name, ...new Set(places)])];
  });
}

/** `ip` and `bridge` enter a namespace by themselves, without a new process. */
function inside(machine: LabMachine, tool: string, words: Arguments, input?: string): Call {
  const given = input === undefined ? {} : { input };
  if (tool === 'ip' || tool === 'bridge') {
    return { program: tool, arguments: ['-n', machine.netns, ...words], ...given };
  }
  return { program: 'ip', arguments: ['netns', 'exec', machine.netns, tool, ...words], ...given };
}

function sysctls(machine: LabMachine, settings: readonly SysctlSetting[]): readonly Call[] {
  if (settings.length === 0) return [];
  return [inside(machine, 'sysctl', ['-q', '-w', ...settings.map(([path, value]) => `${path}=${value}`)])];
}

function machineCalls(machine: LabMachine): readonly Call[] {
  if (machine.role === 'workshop') return [];
  const restores: readonly (readonly [string, readonly string[], string])[] = [
    ['ipset', ['restore'], machine.ipset],
    ['iptables-restore', [], machine.iptables],
    ['ipvsadm', ['-R'], machine.ipvs ?? ''],
    ['ip6tables-restore', [], machine.ip6tables],
    ['nft', ['-f', '-'], machine.nftables ?? ''],
  ];
  return [
    ...sysctls(machine, machine.sysctls),
    ...machine.ip.map((words) => inside(machine, 'ip', words)),
    ...machine.bridge.map((words) => inside(machine, 'bridge', words)),
    ...restores.flatMap(([tool, words, text]) => (text === '' ? [] : [inside(machine, tool, words, text)])),
  ];
}

function wiringCall(step: WiringStep, nameOf: (machine: string) => string): Call {
  const end = ({ machine, device, mac, mtu }: WireEnd): Arguments => [
    ...['name', device, 'netns', nameOf(machine)],
    ...(mac === undefined ? [] : ['address', mac]),
    ...(mtu === undefined ? [] : ['mtu', String(mtu)]),
  ];
  switch (step.do) {
    case 'pair':
      return {
        program: 'ip',
        arguments: ['link', 'add', ...end(step.ends[0]), 'type', 'veth', 'peer', ...end(step.ends[1])],
      };
    case 'add':
      return { program: 'ip', arguments: ['-n', nameOf(step.machine), ...step.arguments] };
    case 'move': {
      const { machine, device } = step.to;
      const words = ['link', 'set', 'dev', step.device, 'netns', nameOf(machine), 'name', device];
      return { program: 'ip', arguments: ['-n', nameOf(step.machine), ...words] };
    }
  }
}
