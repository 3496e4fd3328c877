/** Runs one scenario in the emulator and in the kernel. */

import type { Netns } from '../../../src/kernel/netns.ts';
import { explore } from '../../../src/kernel/walk/explore.ts';
import type { Path } from '../../../src/kernel/walk/step.ts';
import type { World } from '../../../src/kernel/world.ts';
import type { LabListener, LabPlan } from '../../../src/lab/plan.ts';
import { planLab } from '../../../src/lab/plan-lab.ts';
import { buildMachines, buildWorld, readProbe } from './build-scenario.ts';
import { compareProbe, type Difference } from './compare.ts';
import { loadCluster } from './load-cluster.ts';
import type { KernelObservation, KernelRunner } from './runner.ts';
import type { ProbeText, Scenario } from './scenario.ts';

export type Outcome = {
  readonly differences: readonly Difference[];
  readonly observations: readonly KernelObservation[];
  /** Probes that were sent again through machines built anew. */
  readonly repeated: number;
  /** Probes with more ways to go than were followed, none of which was the kernel's. */
  readonly unfollowed: number;
  /** Of this process's time on the processors (other processes do not count), to predict all probes. */
  readonly emulatorMilliseconds: number;
  readonly paths: number;
};

/** A topology on both sides: how the emulator sees it, and what it takes to build it. */
export type Built = { readonly world: World; readonly machines: ReadonlyMap<string, Netns>; readonly plan: LabPlan };

export function buildScenario(scenario: Scenario): Built {
  const { machines, world } = readMachines(scenario);
  const { plan, issues } = planLab(machines);
  const first = issues[0];
  if (first !== undefined) throw new Error(`the plan of ${scenario.name}: ${first.message}`);
  return {
    world,
    machines: new Map(machines.map((netns) => [netns.id, netns])),
    plan: openAsked(plan, scenario.probes),
  };
}

function readMachines(scenario: Scenario): { readonly machines: readonly Netns[]; readonly world: World } {
  if (scenario.files !== undefined) return loadCluster(scenario.files);
  const machines = buildMachines(scenario);
  return { machines, world: buildWorld(machines) };
}

/** Who listens on every port listens, in the lab, on those that are asked for. */
function openAsked(plan: LabPlan, probes: readonly ProbeText[]): LabPlan {
  const asked = [...new Set(probes.filter(({ protocol }) => protocol !== 'icmp').map(({ dport }) => dport))];
  const open = (listener: LabListener): readonly LabListener[] =>
    listener.port === 'any' ? asked.map((port) => ({ ...listener, port })) : [listener];
  return {
    ...plan,
    machines: plan.machines.map((machine) => ({ ...machine, listeners: machine.listeners.flatMap(open) })),
  };
}

/** A rule of chance inside a routing loop doubles the paths at every turn. Generated scenarios have few such probes. */
const MOST_PATHS = 200;

/**
 * How long a probe holds up those behind it (with tracing they go one by one). It is no end of listening: a silent probe
 * is heard out while others go on (scripts/kernel-lab/probe.py, LATE), so that a late answer is not taken for silence.
 * Where neighbours are asked in vain the kernel acts 50 to 75 ms later.
 */
const QUIET_TIMEOUT = 0.03;
const NEIGHBOUR_TIMEOUT = 0.1;
const ANSWER_TIMEOUT = 0.25;
const PATIENT_TIMEOUT = 0.5;

/** Fewer than the errors that ip_error() sends to one address before it waits. */
const REPEATED_TOGETHER = 4;

/** `patient`: ask again where what earlier probes left behind may have changed the answer. */
export type RunOptions = { readonly trace: boolean; readonly patient?: boolean };

export async function runScenario(runner: KernelRunner, scenario: Scenario, options: RunOptions): Promise<Outcome> {
  const built = buildScenario(scenario);
  return runBuilt(runner, scenario, built, options);
}

export async function runBuilt(
  runner: KernelRunner,
  scenario: Scenario,
  built: Built,
  { trace, patient = true }: RunOptions,
): Promise<Outcome> {
  const began = process.cpuUsage();
  const predicted = scenario.probes.map((probe) => predict(built.world, probe));
  const { user, system } = process.cpuUsage(began);
  const emulatorMilliseconds = (user + system) / 1000;
  await runner.build(built.plan, trace);
  const probes = scenario.probes.map((probe, index) => ({ ...probe, timeout: timeoutOf(predicted[index] ?? []) }));
  const observations = [...(await send(runner, scenario, built, probes))];
  const compare = (index: number): Difference | undefined => {
    const [probe, observed] = [scenario.probes[index], observations[index]];
    if (probe === undefined || observed === undefined) return undefined;
    return compareProbe(probe, predicted[index] ?? [], observed, built.machines);
  };
  const doubtful = (): readonly number[] =>
    [...observations.keys()].filter(
      (index) => compare(index) !== undefined && leavesTraces(observations[index], predicted[index] ?? []),
    );
  let repeated = 0;
  // A few at a time first, which is quicker; then each alone.
  for (const size of patient ? [REPEATED_TOGETHER, 1] : []) {
    const again = doubtful();
    if (size > 1) repeated = again.length;
    for (let first = 0; first < again.length; first += size) {
      const group = again.slice(first, first + size);
      await runner.build(built.plan, trace);
      const asked = group.flatMap((index) => scenario.probes[index] ?? []);
      const answers = await send(
        runner,
        scenario,
        built,
        asked.map((probe) => ({ ...probe, timeout: size === 1 ? PATIENT_TIMEOUT : ANSWER_TIMEOUT })),
        1,
      );
      for (const [place, index] of group.entries()) {
        const observed = answers[place];
        if (observed !== undefined) observations[index] = observed;
      }
    }
  }
  const different = [...observations.keys()].flatMap((index) => {
    const difference = compare(index);
    return difference === undefined ? [] : [{ index, difference }];
  });
  const isCut = ({ index }: { readonly index: number }): boolean => (predicted[index] ?? []).length >= MOST_PATHS;
  const differences = different.filter((one) => !isCut(one)).map(({ difference }) => difference);
  const unfollowed = different.filter(isCut).length;
  return {
    differences,
    observations,
    repeated,
    unfollowed,
    emulatorMilliseconds,
    paths: predicted.reduce((sum, paths) => sum + paths.length, 0),
  };
}

/**
 * What a kernel remembers of earlier probes: how many errors ip_error() has sent to whom (five, then one a second), and
 * addresses of neighbours (arp_process() learns from questions); and connections whose later segments were lost send
 * again after a second, into the events of another probe; and once the neighbour is known, veth_xmit() tells the sender
 * that the other end takes no packet of this size; and a neighbour who did not answer another probe's question (which had
 * another source) is not asked again for this one; and a tunnel learns what the path takes from what was too large for it
 * (skb_tunnel_check_pmtu()), and says so of the next packet, which a sender that was told so does not send (EMSGSIZE,
 * ip_rt_update_pmtu()). Where that may be the reason for a difference, the probe is sent once more, alone, through machines
 * built anew.
 */
function leavesTraces(observed: KernelObservation | undefined, paths: readonly Path[]): boolean {
  return (
    observed?.kind === 'silence' ||
    observed?.errno === 'ENOBUFS' ||
    observed?.errno === 'EMSGSIZE' ||
    observed?.events !== undefined ||
    observed?.mtu !== undefined ||
    (observed !== undefined && saysUnreachable(observed)) ||
    asksInVain(paths)
  );
}

/** Host or address unreachable: ICMP 3/1, ICMPv6 1/3. */
function saysUnreachable({ type, code }: KernelObservation): boolean {
  return (type === 3 && code === 1) || (type === 1 && code === 3);
}

function asksInVain(paths: readonly Path[]): boolean {
  return paths.some((path) =>
    [...path.request.steps, ...(path.answer?.steps ?? [])].some(
      (step) => step.kind === 'neighbour' && step.how === 'failed',
    ),
  );
}

function timeoutOf(paths: readonly Path[]): number {
  if (paths.some((path) => path.observation.kind !== 'silence')) return ANSWER_TIMEOUT;
  return asksInVain(paths) ? NEIGHBOUR_TIMEOUT : QUIET_TIMEOUT;
}

/** Every path of a probe, up to a limit. */
export function predict(world: World, probe: ProbeText): readonly Path[] {
  return explore(world, readProbe(probe), { limit: MOST_PATHS }).paths;
}

/** Where rules remember, each probe meets them as they were loaded. */
async function send(
  runner: KernelRunner,
  scenario: Scenario,
  built: Built,
  probes: readonly (ProbeText & { readonly timeout: number })[],
  width?: number,
): Promise<readonly KernelObservation[]> {
  if (scenario.remembers !== true) return runner.probe(probes, width === undefined ? {} : { width });
  const fresh = built.plan.machines.filter((machine) => machine.iptables !== '').map((machine) => machine.name);
  const observations: KernelObservation[] = [];
  for (const probe of probes) observations.push(...(await runner.probe([probe], { fresh })));
  return observations;
}

export function printDifference(scenario: Scenario, difference: Difference): string {
  const { probe, what, emulator, kernel } = difference;
  return `${scenario.name}: ${what} of ${JSON.stringify(probe)}\n    emulator: ${emulator}\n    kernel:   ${kernel}`;
}
