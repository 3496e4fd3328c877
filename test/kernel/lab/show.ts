/**
 * Prints what the emulator and the kernel do with one probe of a generated scenario, event by event:
 *   npx tsx test/kernel/lab/show.ts SEED PROBE-SPORT [--probes N] [--clusters [--proxy MODE]] [--ipv6] [--remembers]
 */

import { parseArgs } from 'node:util';
import { explore } from '../../../src/kernel/walk/explore.ts';
import { printIp } from '../../../src/net/address.ts';
import { readProbe } from './build-scenario.ts';
import { printKernel } from './compare.ts';
import { buildScenario, runBuilt } from './differ.ts';
import { GENERATOR_FLAGS, generateAny, generatorOptions } from './generate-any.ts';
import { KernelRunner, readCapabilities } from './runner.ts';

const { values, positionals } = parseArgs({ allowPositionals: true, options: GENERATOR_FLAGS });
const [seed, sport] = positionals;
const { kinds } = readCapabilities();
const all = generateAny(Number(seed), generatorOptions(values, kinds));
const scenario = { ...all, probes: all.probes.filter((probe) => probe.sport === Number(sport)) };
const built = buildScenario(scenario);
const runner = new KernelRunner();
const { observations, differences } = await runBuilt(runner, scenario, built, { trace: true });
await runner.close();
for (const probe of scenario.probes) {
  console.log(JSON.stringify(probe));
  for (const path of explore(built.world, readProbe(probe)).paths.slice(0, 3)) {
    for (const step of [path.request, path.answer, ...(path.further ?? [])].flatMap((leg) => leg?.steps ?? [])) {
      const { packet, kind, netns, ...rest } = step;
      const short = JSON.stringify(rest, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
      console.log(
        `  ${netns} ${kind} ${printIp(packet.src)}>${printIp(packet.dst)} ttl ${packet.ttl} ${short.slice(0, 260)}`,
      );
    }
    console.log(`  = ${path.observation.kind} ${path.request.disposition.kind} ${path.answer?.disposition.kind ?? ''}`);
  }
}
for (const observation of observations) {
  console.log(`kernel: ${printKernel(observation)}`);
  for (const [machine, events] of observation.events ?? []) {
    for (const event of events)
      console.log(
        `  ${machine} ${event.table}:${event.chain}:${event.event}:${event.number} ${event.src}>${event.dst} ttl ${event.ttl} mark ${event.mark}`,
      );
  }
}
for (const difference of differences) console.log(difference.what, difference.emulator, difference.kernel);
for (const { file, text } of scenario.files ?? []) console.log(`# ${file}\n${text}`);
for (const machine of scenario.machines) {
  console.log(
    machine.name,
    JSON.stringify(machine.routes ?? []),
    JSON.stringify(machine.rules ?? []),
    JSON.stringify(machine.sysctls ?? {}),
  );
}
