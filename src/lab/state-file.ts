/** What `lab up` wrote down about the lab that stands: how machines and namespaces are called, and who listens. */
import { recordOf } from '../lib/brand.ts';

export const RUNTIME_FOLDER = '/run';
export const NETNS_FOLDER = `${RUNTIME_FOLDER}/netns`;
export const STATE_FILE = `${RUNTIME_FOLDER}/nettrace-lab.json`;
/** iptables would wait for the lock that all namespaces share. */
export const LOCK_FILE = `${RUNTIME_FOLDER}/nettrace-xtables.lock`;

const FORMAT = 'nettrace/lab-state/v1';

export type LabState = {
  /** Names for `ip netns` by the topology's names. */
  readonly machines: ReadonlyMap<string, string>;
  /** Process ids of the listeners. */
  readonly listeners: readonly number[];
};

export function printLabState({ machines, listeners }: LabState): string {
  return `${JSON.stringify({ format: FORMAT, machines: [...machines], listeners }, null, 1)}\n`;
}

/** undefined for a text that is no state. */
export function parseLabState(text: string): LabState | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const fields = recordOf(value);
  const machines = fields?.get('machines');
  const listeners = fields?.get('listeners');
  if (fields?.get('format') !== FORMAT || !Array.isArray(machines) || !Array.isArray(listeners)) return undefined;
  const pairs = machines.flatMap((pair: unknown): [string, string][] => {
    const [name, netns]: readonly unknown[] = Array.isArray(pair) ? pair : [];
    return typeof name === 'string' && typeof netns === 'string' ? [[name, netns]] : [];
  });
  return { machines: new Map(pairs), listeners: listeners.filter((pid) => typeof pid === 'number') };
}
