/** Feature by feature: every row in the emulator and in the kernel, with every rule on the way; and no feature without a row. */
import { beforeAll, describe, expect, test } from 'vitest';
import { MATCHES } from '../../src/kernel/netfilter/matches/index.ts';
import { TARGETS } from '../../src/kernel/netfilter/targets/index.ts';
import { printKernel } from './lab/compare.ts';
import { type Outcome, printDifference, runScenario } from './lab/differ.ts';
import { KernelRunner } from './lab/runner.ts';
import type { Scenario } from './lab/scenario.ts';
import { kernelOrReason } from './lab/settings.ts';
import { FILTER6_ROWS } from './lab/sweep-filter6.ts';
import { IPV6_ROWS } from './lab/sweep-ipv6.ts';
import { LINK_ROWS } from './lab/sweep-links.ts';
import { NETFILTER_ROWS } from './lab/sweep-netfilter.ts';
import { ROUTE_ROWS } from './lab/sweep-routes.ts';
import type { Row } from './lab/sweep-scene.ts';

/** Features without a row here, with the reason. */
const WITHOUT_ROW: ReadonlyMap<string, string> = new Map([
  ['match:ipvs', 'this kernel is built without ip_vs: test/kernel/fixtures/ipvs.jsonl.gz'],
]);

const SET_TYPES = [
  'hash:ip',
  'hash:net',
  'hash:ip,port',
  'hash:ip,port,ip',
  'hash:ip,port,net',
  'hash:net,port',
  'hash:net,iface',
  'bitmap:ip',
  'bitmap:port',
  'list:set',
];
const REJECT_FORMS = [
  'icmp-net-unreachable',
  'icmp-host-unreachable',
  'icmp-proto-unreachable',
  'icmp-port-unreachable',
  'icmp-net-prohibited',
  'icmp-host-prohibited',
  'tcp-reset',
  'icmp-admin-prohibited',
  'icmp6-no-route',
  'icmp6-adm-prohibited',
  'icmp6-addr-unreachable',
  'icmp6-port-unreachable',
  'icmp6-policy-fail',
  'icmp6-reject-route',
];
const STATES = ['NEW', 'ESTABLISHED', 'RELATED', 'INVALID', 'UNTRACKED'];
const ROUTE_TYPES = ['unicast', 'local', 'broadcast', 'blackhole', 'unreachable', 'prohibit', 'throw', 'anycast'];

const ROWS: readonly Row[] = [...NETFILTER_ROWS, ...ROUTE_ROWS, ...LINK_ROWS, ...FILTER6_ROWS, ...IPV6_ROWS];
const kernel = kernelOrReason();

test.each([
  ...MATCHES.map(({ name }) => `match:${name}`),
  ...TARGETS.map(({ name }) => `target:${name}`),
  ...SET_TYPES.map((name) => `set:${name}`),
  ...REJECT_FORMS.map((name) => `reject:${name}`),
  ...STATES.map((name) => `state:${name}`),
  ...ROUTE_TYPES.map((name) => `route:${name}`),
])('%s has a row, or a reason to have none', (feature) => {
  expect(ROWS.some((row) => row.covers.includes(feature)) !== WITHOUT_ROW.has(feature)).toBe(true);
});

describe.runIf(kernel !== undefined)('the kernel and the emulator agree:', () => {
  const outcomes = new Map<Row, Outcome | Error>();

  // Each row waits up to a second for the carriers of its wires: many rows wait at once.
  beforeAll(async () => {
    const left = [...ROWS.entries()];
    const work = async (): Promise<void> => {
      const runner = new KernelRunner();
      try {
        for (let next = left.shift(); next !== undefined; next = left.shift()) {
          const [index, row] = next;
          outcomes.set(row, await runScenario(runner, scenarioOf(row, index), { trace: true }).catch(errorOf));
        }
      } finally {
        await runner.close();
      }
    };
    await Promise.all(Array.from({ length: 8 }, work));
  }, 120_000);

  test.each(ROWS.map((row, index) => [row.sentence, row, index] as const))('%s', (_, row, index) => {
    const outcome = outcomes.get(row);
    if (outcome === undefined || outcome instanceof Error) throw outcome ?? new Error('this row has not run');
    const scenario = scenarioOf(row, index);
    expect(outcome.differences.map((difference) => printDifference(scenario, difference))).toEqual([]);
    expect(outcome.unfollowed).toBe(0);
    row.probes.forEach(([, expected], number) => {
      const observed = outcome.observations[number];
      const words = observed === undefined ? 'nothing' : printKernel(observed);
      // Silence is about all of the way: behind it stands who took the packet, if anybody did.
      if (expected === 'silence') expect(words).toBe(expected);
      else expect(words).toContain(expected);
    });
  });
});

function scenarioOf(row: Row, index: number): Scenario {
  return {
    name: `sweep ${index}`,
    machines: row.machines,
    probes: row.probes.map(([probe], number) => ({ ...probe, sport: 20_000 + number })),
    ...(row.remembers === true ? { remembers: true } : {}),
  };
}

function errorOf(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
