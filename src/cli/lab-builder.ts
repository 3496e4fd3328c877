/** Carries a lab's plan out on this machine, finds the lab that stands, and removes it. */
import { buildCalls, type Call, listenerCalls } from '../lab/build-calls.ts';
import { needCalls, neededTools } from '../lab/need-calls.ts';
import { NETNS_PREFIX, PROBE_NETNS } from '../lab/netns-names.ts';
import type { LabPlan } from '../lab/plan.ts';
import {
  type LabState,
  LOCK_FILE,
  NETNS_FOLDER,
  parseLabState,
  printLabState,
  RUNTIME_FOLDER,
  STATE_FILE,
} from '../lab/state-file.ts';
import { ASKS_WHOSE, isRootInDisguise, UID_MAP } from '../lab/user-namespace.ts';
import { CliError } from './errors.ts';
import { EXIT } from './exit-code.ts';
import type { Ran, System } from './io.ts';

/**
 * Builds all of it or nothing, Ctrl-C included. What this machine lacks is said before anything is built. SIGKILL leaves what
 * was built so far, which removeLab() knows by its names.
 */
export function buildLab(system: System, plan: LabPlan): Promise<LabState> {
  return system.heeding((interrupted) => build(system, plan, interrupted));
}

async function build(system: System, plan: LabPlan, interrupted: () => Promise<boolean>): Promise<LabState> {
  checkMachine(system, plan);
  if (findLab(system) !== undefined || labNetnses(system).length > 0) {
    throw new CliError(EXIT.invalidInput, 'there is a lab already (nettrace lab down removes it)');
  }
  const machines = new Map(plan.machines.map(({ name, netns }) => [name, netns]));
  // Only one process can make the file: who else is building looks at the kernel under the same name.
  if (!system.createText(STATE_FILE, printLabState({ machines, listeners: [] }))) {
    throw new CliError(
      EXIT.invalidInput,
      `cannot create ${STATE_FILE}: another lab is being built, or it cannot be written`,
    );
  }
  try {
    checkKernel(system, plan);
    for (const call of buildCalls(plan)) {
      carryOut(system, call);
      if (await interrupted()) throw new CliError(EXIT.invalidInput, 'interrupted: the lab is not built');
    }
    const listeners = listenerCalls(plan).flatMap((call) => system.start(call.program, call.arguments) ?? []);
    const state = { machines, listeners };
    system.replaceText(STATE_FILE, printLabState(state));
    return state;
  } catch (error) {
    removeLab(system);
    throw error;
  }
}

/** The lab that was built here, by us or by the printed script (which writes no state: its machines are known by namespace). */
export function findLab(system: System): LabState | undefined {
  const text = system.readText(STATE_FILE);
  const state = text === undefined ? undefined : parseLabState(text);
  if (state !== undefined) return state;
  const netnses = labNetnses(system);
  if (netnses.length === 0) return undefined;
  return { machines: new Map(netnses.map((netns) => [netns.slice(NETNS_PREFIX.length), netns])), listeners: [] };
}

/** removeLab() for who asks for it: how many namespaces there were. Throws where a lab stands that is not ours to remove. */
export function takeDownLab(system: System): number {
  const stands = findLab(system) !== undefined;
  if (stands && (system.uid !== 0 || !system.writableFolder(NETNS_FOLDER))) {
    throw lacking(['the rights of root over the lab: use sudo, or the shell of unshare that built it']);
  }
  if (system.uid !== 0) return 0;
  const removed = removeLab(system);
  const left = labNetnses(system);
  if (left.length > 0) throw new CliError(EXIT.invalidInput, `these namespaces cannot be removed: ${left.join(', ')}`);
  return removed;
}

/** How many namespaces there were. Processes inside them end with them, shells and captures as well as listeners. */
function removeLab(system: System): number {
  const netnses = labNetnses(system);
  // By namespace and not by the ids in the state file: those may be other processes' by now.
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    const pids = netnses.flatMap((netns) => pidsIn(system, netns));
    for (const pid of pids) system.kill(pid, signal);
    if (pids.length > 0) system.run('sleep', ['0.2']);
  }
  // The last ones were asked what the kernel has, should somebody have ended that with SIGKILL.
  const probes = system.names(NETNS_FOLDER).filter((name) => name.startsWith(PROBE_NETNS));
  for (const netns of [...netnses, ...probes]) system.run('ip', ['netns', 'del', netns]);
  for (const file of [STATE_FILE, LOCK_FILE]) system.remove(file);
  return netnses.length;
}

function labNetnses(system: System): readonly string[] {
  return system.names(NETNS_FOLDER).filter((name) => name.startsWith(NETNS_PREFIX));
}

function pidsIn(system: System, netns: string): readonly number[] {
  const { stdout } = system.run('ip', ['netns', 'pids', netns]);
  return stdout
    .split('\n')
    .filter((line) => /^\d+$/.test(line))
    .map(Number);
}

function checkMachine(system: System, plan: LabPlan): void {
  if (system.platform !== 'linux')
    throw lacking(['Linux (it has network namespaces; nettrace lab script prints what would be done)']);
  if (system.uid !== 0)
    throw lacking([
      'the rights of root: use sudo, or run all of it inside unshare --user --map-root-user --net --mount',
    ]);
  const tools = neededTools(plan).filter((tool) => system.run(tool, ['--version']).status === undefined);
  if (tools.length > 0) throw lacking(tools.map((tool) => `the command ${tool}`));
  if (isRunOfParent(system) || !system.writableFolder(NETNS_FOLDER)) {
    // In a user namespace /run is the host's: a new one hides it, inside this mount namespace only.
    const mounted = system.run('mount', ['-t', 'tmpfs', 'tmpfs', RUNTIME_FOLDER]);
    if (mounted.status !== 0 || !system.writableFolder(NETNS_FOLDER)) {
      throw lacking([`a folder ${NETNS_FOLDER} to write to (unshare needs --mount, too)`]);
    }
  }
}

function isRunOfParent(system: System): boolean {
  if (!isRootInDisguise(system.readText(UID_MAP) ?? '')) return false;
  return system.run('mount', [...ASKS_WHOSE, RUNTIME_FOLDER]).status !== 0;
}

function checkKernel(system: System, plan: LabPlan): void {
  system.run('ip', ['netns', 'del', PROBE_NETNS]);
  carryOut(system, { program: 'ip', arguments: ['netns', 'add', PROBE_NETNS] });
  const lacks = needCalls(plan, PROBE_NETNS).flatMap(({ lack, call, undo }) => {
    if (system.run(call.program, call.arguments).status !== 0) return [lack];
    if (undo !== undefined) system.run(undo.program, undo.arguments);
    return [];
  });
  system.run('ip', ['netns', 'del', PROBE_NETNS]);
  if (lacks.length > 0) throw lacking([...new Set(lacks)]);
}

function lacking(what: readonly string[]): CliError {
  return new CliError(EXIT.invalidInput, `this machine lacks ${what.join(', ')}`);
}

function carryOut(system: System, { program, arguments: words, input }: Call): void {
  const ran: Ran = system.run(program, words, input);
  if (ran.status === 0) return;
  const complaint = (ran.stderr || ran.stdout).trim().split('\n').slice(0, 5).join('\n');
  throw new CliError(
    EXIT.invalidInput,
    `the lab could not be built: ${[program, ...words].join(' ').slice(0, 200)}: ${complaint}`,
  );
}
