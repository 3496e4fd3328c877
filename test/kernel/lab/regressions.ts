/** Fixtures: scenarios that once differed, with what a real kernel did. The ordinary suite replays them without a kernel. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { recordOf } from '../../../src/lib/brand.ts';
import { readScenario } from './read-scenario.ts';
import { type KernelObservation, readObservation } from './runner.ts';
import type { Scenario } from './scenario.ts';

const FOLDER = fileURLToPath(new URL('../regressions', import.meta.url));

export type Regression = {
  readonly file: string;
  readonly kernel: string;
  readonly scenario: Scenario;
  readonly observations: readonly KernelObservation[];
};

/** The file's name. */
export function writeRegression(
  scenario: Scenario,
  observations: readonly KernelObservation[],
  kernel: string,
  folder = FOLDER,
): string {
  mkdirSync(folder, { recursive: true });
  const file = `${scenario.name}.json`;
  writeFileSync(
    path.join(folder, file),
    `${JSON.stringify({ kernel, scenario, observations: observations.map(plain) }, null, 1)}\n`,
  );
  return file;
}

/** As the runner writes it. */
function plain({ arrival, events, queued, ...rest }: KernelObservation): object {
  return {
    ...rest,
    ...(arrival === undefined ? {} : { arrived: arrival }),
    ...(queued === undefined ? {} : { queued: plain(queued) }),
    ...(events === undefined ? {} : { events: Object.fromEntries(events) }),
  };
}

export function readRegressions(): readonly Regression[] {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith('.json'));
  return files.sort().map((file) => {
    const fields = recordOf(JSON.parse(readFileSync(path.join(FOLDER, file), 'utf8')));
    const observations = fields?.get('observations');
    if (fields === undefined || !Array.isArray(observations)) throw new Error(`${file} is no regression`);
    return {
      file,
      kernel: String(fields.get('kernel')),
      scenario: readScenario(fields.get('scenario')),
      observations: observations.map(readObservation),
    };
  });
}
