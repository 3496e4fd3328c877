/**
 * Looks for differences between the emulator and the kernel:
 *   npx tsx test/kernel/lab/hunt.ts [--seed N] [--count N] [--probes N] [--trace] [--clusters [--proxy MODE]] [--ipv6]
 *     [--remembers] [--shrink] [--keep]
 * With --keep a shrunk difference becomes a file of test/kernel/regressions.
 */
import { parseArgs } from 'node:util';
import type { Difference } from './compare.ts';
import { printDifference, runScenario } from './differ.ts';
import { GENERATOR_FLAGS, generateAny, generatorOptions } from './generate-any.ts';
import { writeRegression } from './regressions.ts';
import { KernelRefusal, KernelRunner, readCapabilities } from './runner.ts';
import type { Scenario } from './scenario.ts';
import { shrinkScenario } from './shrink.ts';

const { values } = parseArgs({
  options: {
    ...GENERATOR_FLAGS,
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '50' },
    trace: { type: 'boolean', default: false },
    shrink: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
    most: { type: 'string', default: '20' },
    verbose: { type: 'boolean', default: false },
  },
});

const capabilities = readCapabilities();
if (capabilities.missing !== undefined) {
  console.log(`cannot run here: ${capabilities.missing}`);
  process.exit(0);
}

const runner = new KernelRunner();
const first = Number(values.seed);
const count = Number(values.count);
let probes = 0;
let different = 0;
let refused = 0;
let repeated = 0;
let emulator = 0;
const began = performance.now();
for (let seed = first; seed < first + count && different < Number(values.most); seed++) {
  try {
    const scenario = generateAny(seed, generatorOptions(values, capabilities.kinds));
    const outcome = await runScenario(runner, scenario, { trace: values.trace });
    probes += scenario.probes.length;
    repeated += outcome.repeated;
    emulator += outcome.emulatorMilliseconds;
    different += outcome.differences.length > 0 ? 1 : 0;
    for (const difference of outcome.differences.slice(0, 3)) console.log(printDifference(scenario, difference));
    if (outcome.differences.length > 0 && values.shrink) await shrinkAndShow(scenario, outcome.differences[0]);
  } catch (error) {
    refused++;
    console.log(
      `seed ${seed}: ${error instanceof KernelRefusal ? error.message : error instanceof Error ? error.stack : String(error)}`,
    );
    if (!(error instanceof KernelRefusal) && refused > 20) break;
  }
}
await runner.close();
const seconds = (performance.now() - began) / 1000;
console.log(
  `${count} seeds from ${first}: ${probes} probes, ${different} topologies differ, ${refused} could not be built, ${repeated} asked again; ` +
    `${seconds.toFixed(1)} s, of which the emulator ${(emulator / 1000).toFixed(1)} s`,
);

/** What differs, without numbers and addresses. A smaller topology may differ for another reason, which is not looked for. */
function kindOf({ what, emulator, kernel }: Difference): string {
  return [what, ...[emulator, kernel].map((text) => text.replace(/[\da-f.:]*[.:][\da-f.:]*|\d+|\n.*/g, ''))].join(
    ' / ',
  );
}

async function shrinkAndShow(scenario: Scenario, first: Difference | undefined): Promise<void> {
  const probe = first?.probe;
  const start = probe === undefined ? scenario : { ...scenario, probes: [probe] };
  const differs = async (candidate: Scenario): Promise<boolean> => {
    try {
      const patient = candidate.probes.length === 1 && candidate === start;
      const { differences } = await runScenario(runner, candidate, { trace: values.trace, patient });
      return differences.some((one) => first === undefined || kindOf(one) === kindOf(first));
    } catch {
      return false;
    }
  };
  const small = await shrinkScenario(start, differs);
  const outcome = await runScenario(runner, small, { trace: values.trace });
  console.log(JSON.stringify(small).replaceAll('},{"name"', '},\n {"name"'));
  for (const difference of outcome.differences) console.log(printDifference(small, difference));
  if (values.keep) console.log(`kept as ${writeRegression(small, outcome.observations, capabilities.kernel)}`);
}
