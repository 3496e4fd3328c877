/**
 * Records what guest kernels with IPIP and IPVS do, for test/kernel/fixtures:
 *   npm run fixtures:record -- [--kind ipip|ipvs] [--seed N] [--count N] [--probes N] [--traced N] [--confirm N] [--kernels FOLDER] [--dry]
 * All of it under user-mode-linux (--guest qemu: under qemu), then --confirm of the topologies again under qemu. A topology on which the emulator
 * and a guest disagree is printed and not written (--failures FILE takes it). --dry writes nothing; --again leaves user-mode-linux out and has qemu confirm what is recorded.
 */
import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { recordOf } from '../../../src/lib/brand.ts';
import { generateClusters } from '../../../test/kernel/fixtures/clusters.ts';
import {
  printFixture,
  RECORDINGS,
  type Recording,
  readRecorded,
  writeFixtures,
} from '../../../test/kernel/fixtures/fixture.ts';
import { generateTunnels } from '../../../test/kernel/fixtures/generate-tunnels.ts';
import { differenceOf, predict } from '../../../test/kernel/fixtures/replay.ts';
import { type Built, buildScenario, printDifference } from '../../../test/kernel/lab/differ.ts';
import { generateCluster } from '../../../test/kernel/lab/generate-cluster.ts';
import { readObservation } from '../../../test/kernel/lab/runner.ts';
import type { Scenario } from '../../../test/kernel/lab/scenario.ts';

const { values } = parseArgs({
  options: {
    kind: { type: 'string', default: 'ipip' },
    guest: { type: 'string', default: 'uml' },
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '64' },
    probes: { type: 'string', default: '34' },
    traced: { type: 'string', default: '3' },
    confirm: { type: 'string', default: '10' },
    kernels: { type: 'string', default: path.join(tmpdir(), 'nettrace-kernels') },
    clusters: { type: 'boolean', default: true },
    again: { type: 'boolean', default: false },
    chunk: { type: 'string', default: '12' },
    dry: { type: 'boolean', default: false },
    most: { type: 'string', default: '12' },
    failures: { type: 'string' },
  },
  allowNegative: true,
});
const HERE = path.dirname(fileURLToPath(import.meta.url));

const recording: Recording = RECORDINGS.find((name) => name === values.kind) ?? 'ipip';

/** A topology with its probes, and what has been seen so far. */
type Job = {
  readonly scenario: Scenario;
  readonly built: Built;
  readonly traced: boolean;
  readonly quiet: readonly boolean[];
  observations: unknown[];
  readonly kernels: string[];
  failed: boolean;
};

type Guest = {
  readonly script: 'uml.sh' | 'qemu.sh';
  /** Seconds to wait for an answer. */
  readonly patience: number;
  /** Seconds to wait where the emulator says that none comes. */
  readonly quiet: number;
  /** Whether the rules' path is traced: it makes every probe wait for the one before. */
  readonly traces: boolean;
};
const UML: Guest = { script: 'uml.sh', patience: 0.8, quiet: 0.25, traces: true };
// Below the second after which TCP repeats its SYN: a tunnel that got an ICMP error refuses the second one (err_count).
const QEMU: Guest = { script: 'qemu.sh', patience: 0.9, quiet: 0.7, traces: false };

function makeScenarios(): readonly Scenario[] {
  const [seed, count, probes] = [Number(values.seed), Number(values.count), Number(values.probes)];
  const seeds = Array.from({ length: count }, (_, index) => seed + index);
  switch (recording) {
    case 'ipip':
      return [
        ...seeds.map((one) => generateTunnels(one, probes)),
        ...(values.clusters ? generateClusters(seed, probes) : []),
      ];
    case 'ipvs':
      // Affinity would be remembered from one probe to the next.
      return seeds
        .map((one) => generateCluster(one, { probes, proxy: 'ipvs', ipip: true }))
        .filter(({ remembers }) => remembers !== true);
  }
}

function makeJobs(): readonly Job[] {
  return makeScenarios().map((scenario, index): Job => {
    const built = buildScenario(scenario);
    const quiet = scenario.probes.map((probe) =>
      predict(built.world, probe).every(({ observation }) => observation.kind === 'silence'),
    );
    return {
      ...{ scenario, built, quiet, traced: index < Number(values.traced) },
      ...{ observations: [], kernels: [], failed: false },
    };
  });
}

/** What is recorded already, to be confirmed by another kernel. */
function readJobs(): readonly Job[] {
  return readRecorded(recording).map(({ fixture, raw }): Job => {
    const { scenario, observations } = fixture;
    const quiet = observations.map(({ kind }) => kind === 'silence');
    const kernels = [...fixture.kernels];
    const built = buildScenario(scenario);
    return { scenario, built, traced: false, quiet, observations: [...raw], kernels, failed: false };
  });
}

/** Runs requests through runner.py in a guest; one answer for each. */
function runGuest(guest: Guest, requests: readonly unknown[]): readonly ReadonlyMap<string, unknown>[] {
  removeAbandoned();
  const folder = mkdtempSync(path.join(tmpdir(), `${FOLDER}${process.pid}-`));
  try {
    writeFileSync(
      path.join(folder, 'requests.jsonl'),
      requests.map((request) => `${JSON.stringify(request)}\n`).join(''),
    );
    const done = spawnSync(path.join(HERE, guest.script), [values.kernels, folder], {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    });
    const lines = readOptional(path.join(folder, 'answers.jsonl')).trimEnd().split('\n');
    if (lines.length !== requests.length)
      throw new Error(
        `${guest.script} answered ${lines.length} of ${requests.length} requests\n${done.stdout.slice(-2000)}${done.stderr.slice(-1000)}${readOptional(path.join(folder, 'errors.txt')).slice(-2000)}`,
      );
    return lines.map((line) => recordOf(JSON.parse(line)) ?? new Map());
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const FOLDER = 'nettrace-guest-';

/** Folders of recorders that SIGKILL ended: the guest died with them, a file cannot. */
function removeAbandoned(): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = new RegExp(`^${FOLDER}(\\d+)-`).exec(name)?.[1];
    if (pid !== undefined && !existsSync(`/proc/${pid}`))
      rmSync(path.join(tmpdir(), name), { recursive: true, force: true });
  }
}

function readOptional(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** What the guest's kernel did with all probes of the jobs; those that differ are asked again alone, in a fresh topology. */
function observe(guest: Guest, jobs: readonly Job[]): ReadonlyMap<Job, unknown[]> {
  const wishes = (job: Job): readonly object[] =>
    job.scenario.probes.map((probe, index) => ({
      ...probe,
      timeout: job.quiet[index] === true ? guest.quiet : guest.patience,
    }));
  const answers = runGuest(guest, [
    ...jobs.flatMap((job) => [
      { build: job.built.plan, trace: guest.traces && job.traced },
      { probes: wishes(job), width: 48 },
    ]),
    { close: true },
  ]);
  const observed = new Map<Job, unknown[]>();
  jobs.forEach((job, index) => {
    const built = answers[2 * index];
    const probed = answers[2 * index + 1]?.get('observations');
    const error = built?.get('error') ?? answers[2 * index + 1]?.get('error');
    if (error !== undefined || !Array.isArray(probed)) {
      console.log(`${job.scenario.name} could not be built: ${String(error)}`);
      job.failed = true;
      return;
    }
    const kernel = String(built?.get('kernel'));
    if (!job.kernels.includes(kernel)) job.kernels.push(kernel);
    observed.set(job, probed);
  });
  // A kernel remembers (limits of ICMP errors, path MTUs, errors of a tunnel); the emulator speaks of a first packet.
  askAgain(guest, observed, 'together');
  askAgain(guest, observed, 'alone');
  return observed;
}

/** Sends what differs again, one after the other, in a fresh topology for each job, or for each probe. */
function askAgain(guest: Guest, observed: ReadonlyMap<Job, unknown[]>, how: 'together' | 'alone'): void {
  const groups = [...observed].flatMap(([job, list]) => {
    const again = list.flatMap((value, index) => (differs(job, index, value) === undefined ? [] : [index]));
    if (again.length === 0) return [];
    return how === 'together' ? [{ job, again }] : again.map((index) => ({ job, again: [index] }));
  });
  console.log(`${guest.script}: ${groups.reduce((sum, { again }) => sum + again.length, 0)} probes sent again ${how}`);
  if (groups.length === 0) return;
  const answers = runGuest(guest, [
    ...groups.flatMap(({ job, again }) => [
      { build: job.built.plan, trace: guest.traces && job.traced },
      { probes: again.map((index) => ({ ...job.scenario.probes[index], timeout: guest.patience })), width: 1 },
    ]),
    { close: true },
  ]);
  groups.forEach(({ job, again }, position) => {
    const list = answers[2 * position + 1]?.get('observations');
    if (!Array.isArray(list)) return;
    for (const [place, index] of again.entries()) observed.get(job)?.splice(index, 1, list[place]);
  });
}

function differs(job: Job, index: number, value: unknown): ReturnType<typeof differenceOf> {
  const probe = job.scenario.probes[index];
  return probe === undefined ? undefined : differenceOf(job.built, probe, readObservation(value));
}

let shown = 0;
/** A few topologies at a time: a guest that stands still costs no more than these. */
function check(guest: Guest, jobs: readonly Job[]): void {
  const size = Number(values.chunk);
  for (let first = 0; first < jobs.length; first += size) {
    try {
      checkTogether(guest, jobs.slice(first, first + size));
    } catch (error) {
      console.log(error instanceof Error ? error.message : String(error));
    }
    write();
  }
}

function checkTogether(guest: Guest, jobs: readonly Job[]): void {
  const began = performance.now();
  for (const [job, list] of observe(guest, jobs)) {
    if (job.observations.length === 0) job.observations = list;
    for (const [index, value] of list.entries()) {
      const difference = differs(job, index, value);
      if (difference === undefined) continue;
      job.failed = true;
      if (shown++ < Number(values.most)) console.log(printDifference(job.scenario, difference));
    }
    if (job.failed && values.failures !== undefined)
      appendFileSync(values.failures, `${printFixture(job.scenario, job.kernels, list)}\n`);
  }
  console.log(
    `${guest.script}: ${jobs.length} topologies, ${jobs.filter(({ failed }) => failed).length} differ or failed, ${((performance.now() - began) / 1000).toFixed(0)} s`,
  );
}

mkdirSync(values.kernels, { recursive: true });
const fetched = spawnSync(path.join(HERE, 'get-kernels.sh'), [values.kernels], { stdio: 'inherit' });
if (fetched.status !== 0) throw new Error('the kernels could not be fetched');
const jobs = values.again ? readJobs() : makeJobs();
if (!values.again) {
  check(values.guest === 'qemu' ? QEMU : UML, jobs);
}
// Random topologies and clusters alike: every so many of them.
const agreed = jobs.filter(({ failed, observations }) => !failed && observations.length > 0);
const step = Math.max(1, Math.ceil(agreed.length / Math.max(1, Number(values.confirm))));
const confirmed = Number(values.confirm) > 0 ? agreed.filter((_, index) => index % step === 0) : [];
check(QEMU, confirmed);

function write(): void {
  const good = jobs.filter(({ failed, observations }) => !failed && observations.length > 0);
  const probes = good.reduce((sum, { observations }) => sum + observations.length, 0);
  console.log(`${good.length} of ${jobs.length} topologies, ${probes} probes`);
  if (!values.dry) {
    writeFixtures(
      recording,
      good.map(({ scenario, kernels, observations }) => printFixture(scenario, kernels, observations)),
    );
  }
  process.exitCode = good.length < jobs.length ? 1 : 0;
}
