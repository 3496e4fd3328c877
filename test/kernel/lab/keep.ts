/**
 * Keeps what the kernel does with one probe of a generated scenario as a file of test/kernel/regressions:
 *   npx tsx test/kernel/lab/keep.ts SEED SPORT [--probes N] [--clusters [--proxy MODE]] [--ipv6] [--remembers] [--trace]
 * Only where both sides agree, so that the ordinary suite holds it from then on.
 */
import { parseArgs } from 'node:util';
import { printDifference, runScenario } from './differ.ts';
import { GENERATOR_FLAGS, generateAny, generatorOptions } from './generate-any.ts';
import { writeRegression } from './regressions.ts';
import { KernelRunner, readCapabilities } from './runner.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { ...GENERATOR_FLAGS, trace: { type: 'boolean' } },
});
const [seed = Number.NaN, sport] = positionals.map(Number);
const { kinds, kernel } = readCapabilities();
const all = generateAny(seed, generatorOptions(values, kinds));
const scenario = { ...all, name: `${all.name}-${sport}`, probes: all.probes.filter((probe) => probe.sport === sport) };
const runner = new KernelRunner();
const { differences, observations } = await runScenario(runner, scenario, { trace: values.trace === true });
await runner.close();
for (const difference of differences) console.log(printDifference(scenario, difference));
if (differences.length === 0 && scenario.probes.length === 1)
  console.log(`kept as ${writeRegression(scenario, observations, kernel)}`);
else process.exitCode = 1;
