/** What the kernel suite is asked to do, from the environment, and whether it can run here. */
import { type Capabilities, readCapabilities } from './runner.ts';

export type Settings = {
  /** The first seed; the suite's own unless NETTRACE_SEED says otherwise. */
  readonly seed: number;
  /** Topologies, and probes of each, of the outcome suite and of the traced one. */
  readonly topologies: number;
  readonly probes: number;
  readonly tracedTopologies: number;
  readonly tracedProbes: number;
  readonly reportFile: string | undefined;
};

function numberFrom(name: string, otherwise: number): number {
  const text = process.env[name];
  if (text === undefined || text === '') return otherwise;
  if (!/^\d+$/.test(text)) throw new Error(`${name} is no whole number: ${text}`);
  return Number(text);
}

export function readSettings(): Settings {
  return {
    seed: numberFrom('NETTRACE_SEED', 1),
    topologies: numberFrom('NETTRACE_TOPOLOGIES', 300),
    probes: numberFrom('NETTRACE_PROBES', 60),
    tracedTopologies: numberFrom('NETTRACE_TRACED_TOPOLOGIES', 30),
    tracedProbes: numberFrom('NETTRACE_TRACED_PROBES', 200),
    reportFile: process.env.NETTRACE_KERNEL_REPORT,
  };
}

/** The capabilities, or undefined where the suite cannot run; it then says why in one line, or fails when it must run. */
export function kernelOrReason(): Capabilities | undefined {
  const capabilities = readCapabilities();
  if (capabilities.missing === undefined) return capabilities;
  const line = `kernel suite skipped: this machine has not ${capabilities.missing}`;
  if (process.env.NETTRACE_KERNEL === 'require') throw new Error(line);
  console.log(line);
  return undefined;
}
