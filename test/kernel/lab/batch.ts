/** Runs many generated scenarios on several runners at once: their timeouts overlap. */
import { type Outcome, printDifference, runScenario } from './differ.ts';
import { type AnyOptions, generateAny } from './generate-any.ts';
import { KernelRefusal, KernelRunner } from './runner.ts';
import type { Scenario } from './scenario.ts';

export type BatchOptions = AnyOptions & {
  readonly seed: number;
  readonly count: number;
  readonly trace: boolean;
  readonly runners?: number;
};

type Finding = { readonly scenario: Scenario; readonly text: string };

export type BatchReport = {
  readonly seed: number;
  /** Those that were built and probed. */
  readonly topologies: number;
  /** What the kernel or its tools did not take, with their words: no agreement and no difference. */
  readonly refused: readonly string[];
  readonly probes: number;
  readonly paths: number;
  readonly events: number;
  readonly repeated: number;
  readonly unfollowed: number;
  readonly emulatorMilliseconds: number;
  readonly milliseconds: number;
  readonly findings: readonly Finding[];
};

/** Findings are differences, and what goes wrong on our own side. */
export async function runBatch(options: BatchOptions): Promise<BatchReport> {
  const began = performance.now();
  const findings: Finding[] = [];
  const refused: string[] = [];
  const total = { topologies: 0, probes: 0, paths: 0, events: 0, repeated: 0, unfollowed: 0, emulatorMilliseconds: 0 };
  let next = options.seed;
  const end = options.seed + options.count;
  const work = async (): Promise<void> => {
    const runner = new KernelRunner();
    try {
      while (next < end) {
        const seed = next++;
        const scenario = generateAny(seed, options);
        const outcome = await attempt(runner, scenario, options.trace);
        if (outcome instanceof Error) {
          if (outcome instanceof KernelRefusal) refused.push(`${scenario.name}: ${outcome.message}`);
          else findings.push({ scenario, text: `${scenario.name}: ${outcome.message}` });
          continue;
        }
        total.topologies++;
        total.probes += scenario.probes.length;
        total.paths += outcome.paths;
        total.repeated += outcome.repeated;
        total.unfollowed += outcome.unfollowed;
        total.emulatorMilliseconds += outcome.emulatorMilliseconds;
        total.events += outcome.observations.reduce(
          (sum, one) => sum + [...(one.events?.values() ?? [])].flat().length,
          0,
        );
        findings.push(
          ...outcome.differences.map((difference) => ({ scenario, text: printDifference(scenario, difference) })),
        );
      }
    } finally {
      await runner.close();
    }
  };
  await Promise.all(Array.from({ length: options.runners ?? 6 }, work));
  return { seed: options.seed, ...total, refused, milliseconds: performance.now() - began, findings };
}

async function attempt(runner: KernelRunner, scenario: Scenario, trace: boolean): Promise<Outcome | Error> {
  try {
    return await runScenario(runner, scenario, { trace });
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
