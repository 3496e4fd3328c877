/** Three answers to one probe: what the policies say, what the emulator does with the chains, and what the kernel does. */

import type { Path } from '../../../src/kernel/walk/step.ts';
import { printIp } from '../../../src/net/address.ts';
import { printKernel } from './compare.ts';
import { type Built, buildScenario, predict, runBuilt } from './differ.ts';
import { generatePolicyScenario, type PolicyProbe, type PolicyScenario } from './policy-scenario.ts';
import { type KernelObservation, KernelRefusal, KernelRunner } from './runner.ts';

export type PolicyReport = {
  readonly clusters: number;
  readonly probes: number;
  readonly denied: number;
  readonly repeated: number;
  readonly emulatorMilliseconds: number;
  readonly refused: readonly string[];
  /** One text a difference: the seed, the probe and the three verdicts. */
  readonly findings: readonly string[];
};

export type PolicyOptions = {
  readonly seed: number;
  readonly count: number;
  readonly probes: number;
  readonly runners?: number;
};

export async function checkPolicies(options: PolicyOptions): Promise<PolicyReport> {
  const { seed: first, count, probes, runners = 6 } = options;
  const findings: string[] = [];
  const refused: string[] = [];
  const total = { clusters: 0, probes: 0, denied: 0, repeated: 0, emulatorMilliseconds: 0 };
  let next = first;
  const work = async (): Promise<void> => {
    const runner = new KernelRunner();
    try {
      while (next < first + count) {
        const seed = next++;
        try {
          const made = generatePolicyScenario(seed, probes);
          const { repeated, different, emulatorMilliseconds } = await checkScenario(runner, made);
          findings.push(...different);
          total.clusters++;
          total.repeated += repeated;
          total.emulatorMilliseconds += emulatorMilliseconds;
          total.probes += made.asked.length;
          total.denied += made.asked.filter(({ allowed }) => !allowed).length;
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

/** The probes that do not end three times the same. */
export async function checkScenario(
  runner: KernelRunner,
  { scenario, asked }: PolicyScenario,
): Promise<{
  readonly repeated: number;
  readonly emulatorMilliseconds: number;
  readonly different: readonly string[];
}> {
  const built = buildScenario(scenario);
  const { observations, differences, repeated, emulatorMilliseconds } = await runBuilt(runner, scenario, built, {
    trace: false,
  });
  // Where the kernel does what the emulator says, in every detail, their verdicts are one.
  const apart = new Set(differences.map(({ probe }) => probe));
  const different = asked.flatMap((one, index) => {
    const kernel = observations[index];
    if (kernel === undefined) return [];
    const agreed = !apart.has(one.probe) && verdictOf(kernel) === (one.allowed ? 'passed' : 'dropped');
    return agreed ? [] : [printDifference(scenario.name, one, built, kernel)];
  });
  return { repeated, emulatorMilliseconds, different };
}

/** A refusal came back from beyond the policies, whose denial is silence (felix: DropActionOverride is not set). */
function verdictOf({ kind, type, code, from }: KernelObservation): 'passed' | 'dropped' | 'other' {
  if (kind === 'silence') return 'dropped';
  if (kind === 'connected' || kind === 'reset') return 'passed';
  const unreachable = from?.includes(':') === true ? [1, 4] : [3, 3];
  return kind === 'icmp' && type === unreachable[0] && code === unreachable[1] ? 'passed' : 'other';
}

function printDifference(name: string, one: PolicyProbe, built: Built, kernel: KernelObservation): string {
  const emulator = predict(built.world, one.probe).map(printPath);
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
