/**
 * Asks the kernel about a scenario in a file (scenario.ts, as JSON), prints what it does with each probe, and where the
 * emulator differs:
 *   npx tsx test/kernel/lab/ask.ts FILE [--trace] [--events] [--run MACHINE -- COMMAND ...]
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { printKernel } from './compare.ts';
import { printDifference, runScenario } from './differ.ts';
import { readScenario } from './read-scenario.ts';
import { KernelRunner } from './runner.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { trace: { type: 'boolean' }, events: { type: 'boolean' }, run: { type: 'string' } },
});
const [file = '/dev/stdin', ...command] = positionals;
const scenario = readScenario(JSON.parse(readFileSync(file, 'utf8')));
const runner = new KernelRunner();
const { observations, differences } = await runScenario(runner, scenario, {
  trace: values.trace === true || values.events === true,
});
for (const [index, probe] of scenario.probes.entries()) {
  const observed = observations[index];
  if (observed === undefined) continue;
  console.log(`${probe.machine} ${probe.protocol} ${probe.destination} ${probe.dport}: ${printKernel(observed)}`);
  for (const [machine, events] of values.events === true ? (observed.events ?? []) : []) {
    for (const event of events)
      console.log(
        `  ${machine} ${event.table}:${event.chain}:${event.event}:${event.number} ${event.src}>${event.dst} ttl ${event.ttl} mark ${event.mark}`,
      );
  }
}
for (const difference of differences) console.log(printDifference(scenario, difference));
console.log(`${differences.length} differences`);
if (values.run !== undefined) console.log(await runner.run(values.run, command));
await runner.close();
