/** Three answers to one probe: what the policies say, what the emulator does with the chains, and what the kernel does. */

import type { Leg, Path } from '../../../src/kernel/walk/step.ts';
import { toNumber } from '../../../src/lib/fraction.ts';
import { printIp } from '../../../src/net/address.ts';
import { printKernel } from './compare.ts';
import { type Built, buildScenario, predict, printDifference as printTraced, runBuilt } from './differ.ts';
import { type BatchName, generatePolicyScenario, type PolicyProbe, type PolicyScenario } from './policy-scenario.ts';
import { type KernelObservation, KernelRefusal, KernelRunner } from './runner.ts';
import type { Scenario } from './scenario.ts';

export type PolicyReport = {
  readonly clusters: number;
  readonly probes: number;
  readonly denied: number;
  /** Of the denied those that the policies of Pods allow. */
  readonly stoppedByHosts: number;
  readonly repeated: number;
  /** Allowed and arrived, but for the answer there was no way back. */
  readonly unanswered: number;
  readonly emulatorMilliseconds: number;
  readonly refused: readonly string[];
  /** One text a difference: the seed, the probe and the three verdicts. */
  readonly findings: readonly string[];
};

export type PolicyOptions = {
  readonly batch?: BatchName;
  readonly seed: number;
  readonly count: number;
  readonly probes: number;
  readonly runners?: number;
};

export async function checkPolicies(options: PolicyOptions): Promise<PolicyReport> {
  const { batch = 'policies', seed: first, count, probes, runners = 6 } = options;
  const findings: string[] = [];
  const refused: string[] = [];
  const total = {
    clusters: 0,
    probes: 0,
    denied: 0,
    stoppedByHosts: 0,
    repeated: 0,
    unanswered: 0,
    emulatorMilliseconds: 0,
  };
  let next = first;
  const work = async (): Promise<void> => {
    const runner = new KernelRunner();
    try {
      while (next < first + count) {
        const seed = next++;
        try {
          const made = generatePolicyScenario(seed, probes, batch);
          const { repeated, unanswered, different, emulatorMilliseconds } = await checkScenario(runner, made);
          findings.push(...different);
          total.clusters++;
          total.repeated += repeated;
          total.unanswered += unanswered;
          total.emulatorMilliseconds += emulatorMilliseconds;
          total.probes += made.asked.length;
          total.denied += made.asked.filter(({ allowed }) => !allowed).length;
          total.stoppedByHosts += made.asked.filter(({ stoppedByHosts }) => stoppedByHosts === true).length;
        } catch (error) {
          const text = `seed ${seed}: ${error instanceof Error ? error.message : String(error)}`;
          (error instanceof KernelRefusal ? refused : findings).push(text);
        }
      }
    } finally {
      await runner.close();
    }
  };
  await Promise.all(Array.from({ length: runners }, work));
  return { ...total, refused, findings };
}

export type Checked = {
  readonly repeated: number;
  readonly unanswered: number;
  readonly emulatorMilliseconds: number;
  /** The probes that do not end three times the same. */
  readonly different: readonly string[];
};

export async function checkScenario(runner: KernelRunner, { scenario, asked }: PolicyScenario): Promise<Checked> {
  const built = buildScenario(scenario);
  const { observations, differences, repeated, emulatorMilliseconds } = await runBuilt(runner, scenario, built, {
    trace: false,
  });
  // Where the kernel does what the emulator says, in every detail, their verdicts are one.
  const apart = new Set(differences.map(({ probe }) => probe));
  const unanswered: PolicyProbe[] = [];
  const different = asked.flatMap((one, index) => {
    const kernel = observations[index];
    if (kernel === undefined) return [];
    const isApart = apart.has(one.probe);
    if (!isApart && verdictOf(kernel) === (one.allowed ? 'passed' : 'dropped')) return [];
    const paths = predict(built.world, one.probe);
    const likeliest = isApart ? undefined : likeliestOf(paths);
    if (likeliest !== undefined && one.allowed === arrives(likeliest.request)) {
      // A port that masquerading draws may be one that no policy closes: the kernel took an unlikelier path.
      if (paths.length > 1 && !losesAnswer(likeliest)) return [];
      if (kernel.kind === 'silence' && losesAnswer(likeliest)) {
        unanswered.push(one);
        return [];
      }
    }
    return [printDifference(scenario.name, one, paths, kernel)];
  });
  const untold = await traceUnanswered(runner, scenario, built, unanswered);
  return { repeated, unanswered: unanswered.length, emulatorMilliseconds, different: [...different, ...untold] };
}

/** Policies say nothing of answers. Of a silence only its trace tells that it was the answer that was lost. */
async function traceUnanswered(
  runner: KernelRunner,
  scenario: Scenario,
  built: Built,
  unanswered: readonly PolicyProbe[],
): Promise<readonly string[]> {
  if (unanswered.length === 0) return [];
  const probes = unanswered.map(({ probe }) => probe);
  const { differences } = await runBuilt(runner, { ...scenario, probes }, built, { trace: true });
  return differences.map((difference) => printTraced(scenario, difference));
}

function likeliestOf(paths: readonly Path[]): Path | undefined {
  const [first] = [...paths].sort((a, b) => toNumber(b.probability) - toNumber(a.probability));
  return first;
}

/** One that was masqueraded on its way, because doNotTrack kept no entry of the request, is for no socket of the asker. */
function losesAnswer({ request, answer }: Path): boolean {
  return arrives(request) && answer !== undefined && answer.disposition.kind !== 'delivered';
}

function arrives({ disposition }: Leg): boolean {
  return disposition.kind === 'delivered' || (disposition.kind === 'refused' && disposition.reason === 'SOCKET_CLOSED');
}

/**
 * A refusal came back from beyond the policies, whose denial is silence (felix: DropActionOverride is not set). What its own
 * machine drops on the way out the sender is told (NF_DROP_GETERR(): EPERM); and where a neighbour of IPv6 may not be asked
 * for, that it was asked in vain (ndisc_error_report()).
 */
function verdictOf({ kind, type, code, from, errno }: KernelObservation): 'passed' | 'dropped' | 'other' {
  if (kind === 'silence' || (kind === 'errno' && errno === 'EPERM')) return 'dropped';
  if (kind === 'connected' || kind === 'reset') return 'passed';
  const six = from?.includes(':') === true;
  const says = (types: readonly number[]): boolean => kind === 'icmp' && type === types[0] && code === types[1];
  if (six && says(ADDRESS_UNREACHABLE)) return 'dropped';
  return says(six ? PORT_UNREACHABLE[6] : PORT_UNREACHABLE[4]) ? 'passed' : 'other';
}

const PORT_UNREACHABLE = { 4: [3, 3], 6: [1, 4] } as const;
const ADDRESS_UNREACHABLE = [1, 3] as const;

function printDifference(name: string, one: PolicyProbe, paths: readonly Path[], kernel: KernelObservation): string {
  const emulator = paths.map(printPath);
  return [
    `${name}: ${one.text} ${JSON.stringify(one.probe)}`,
    `    policies: ${one.allowed ? 'allowed' : 'denied'}`,
    `    emulator: ${emulator.join(' or ')}`,
    `    kernel:   ${printKernel(kernel)}`,
  ].join('\n');
}

function printPath({ observation, request, answer }: Path): string {
  const from = 'from' in observation ? ` from ${printIp(observation.from)}` : '';
  return `${observation.kind}${from} (${request.disposition.kind}${answer === undefined ? '' : `, answer ${answer.disposition.kind}`})`;
}
