/** A scenario from JSON. Fixtures are our own files: only the shape is checked, field by field where it is used. */
import type { Scenario } from './scenario.ts';

export function readScenario(value: unknown): Scenario {
  if (!isScenario(value)) throw new Error('a scenario has a name, machines and probes');
  return value;
}

function isScenario(value: unknown): value is Scenario {
  return (
    typeof value === 'object' &&
    value !== null &&
    'machines' in value &&
    Array.isArray(value.machines) &&
    'probes' in value &&
    Array.isArray(value.probes)
  );
}
