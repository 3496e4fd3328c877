/** Which server is next: by hand for the arithmetic, and as Linux 6.1.176 (user-mode-linux) chose for 1,240 datagrams. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseIpvsSave } from '../../../src/kernel/ipvs/parse-ipvsadm.ts';
import { printServer } from '../../../src/kernel/ipvs/schedule.ts';
import { SCHEDULERS } from '../../../src/kernel/ipvs/schedulers/index.ts';
import { type Load, ServiceState } from '../../../src/kernel/ipvs/schedulers/scheduler.ts';
import { SCHEDULER_NAMES, type VirtualServer } from '../../../src/kernel/ipvs/virtual-server.ts';
import { invariant } from '../../../src/lib/assert.ts';
import { recordOf } from '../../../src/lib/brand.ts';
import { add, ONE, toNumber, ZERO } from '../../../src/lib/fraction.ts';
import { type IpAddr, parseIp } from '../../../src/net/address.ts';

function ip(text: string): IpAddr {
  const address = parseIp(text);
  invariant(address !== undefined, text);
  return address;
}

function services(text: string): readonly VirtualServer[] {
  const parsed = parseIpvsSave(text, { file: 'test', line: 1 });
  invariant(parsed.ok, parsed.ok ? '' : parsed.issues.map(({ message }) => message).join('\n'));
  return parsed.value;
}

/** A virtual server with servers a, b, c … (10.1.0.1 …) of these weights. */
function service(scheduler: string, weights: readonly number[], more = ''): VirtualServer {
  const lines = weights.map((weight, i) => `-a -t 10.9.0.1:80 -r 10.1.0.${i + 1}:80 -m -w ${weight}`);
  const [only] = services([`-A -t 10.9.0.1:80 -s ${scheduler}${more}`, ...lines].join('\n'));
  invariant(only !== undefined, scheduler);
  return only;
}

function nameOf(of: VirtualServer, server: VirtualServer['servers'][number] | undefined): string {
  return server === undefined ? '-' : ('abcdefgh'[of.servers.indexOf(server)] ?? '?');
}

const FLOW = { source: ip('192.168.0.1'), destination: ip('10.9.0.1'), sourcePort: 40000 };

/** The servers of so many connections, each of which stays active. */
function sequence(of: VirtualServer, count: number): string {
  const state = new ServiceState();
  return Array.from({ length: count }, () => {
    const server = SCHEDULERS[of.scheduler].pick(of, state, FLOW);
    if (server !== undefined) {
      const { active, inactive } = state.load(server);
      state.loads.set(server, { active: active + 1, inactive });
    }
    return nameOf(of, server);
  }).join('');
}

describe('active connections that stay', () => {
  // The kernel's list begins with the server that was added last.
  it.each([
    ['rr', [1, 1, 1], 'cbacba'],
    ['rr', [1, 0, 3], 'cacaca'],
    ['lc', [1, 9, 1], 'cbacba'],
    ['wlc', [1, 2, 3], 'cbacbccba'],
    ['wlc', [0, 1, 0], 'bbbb'],
    // (active + 1) / weight: c 1/3 before b 1/2; then b 1/2 before c 2/3.
    ['sed', [1, 2, 3], 'cbccbacb'],
    ['nq', [1, 2, 3], 'cbaccbcb'],
    ['fo', [1, 3, 3, 2], 'cccc'],
    ['ovf', [1, 3, 2], 'bbbcca-'],
    ['lblc', [1, 2, 4], 'ccccc'],
    ['rr', [], '--'],
    ['wrr', [0, 0], '--'],
    ['lc', [0], '--'],
  ] as const)('%s over weights %j gives %s', (scheduler, weights, expected) => {
    expect(sequence(service(scheduler, weights), expected.length)).toBe(expected);
  });

  it('lblc leaves a server that is full while another is not half full', () => {
    const of = service('lblc', [1, 2, 4]);
    expect(sequence(of, 7)).toMatch(/^c{5}[ab]/);
  });

  it('lblcr widens the set of a destination while its least loaded server is full', () => {
    expect(new Set(sequence(service('lblcr', [1, 2, 4]), 12))).toEqual(new Set('abc'));
  });

  it.each(SCHEDULER_NAMES)('%s gives nothing to a server that has as many connections as it may', (scheduler) => {
    const full = service(scheduler, [1, 1]);
    const limited = { ...full, servers: full.servers.map((server) => ({ ...server, upper: 2 })) };
    const state = new ServiceState();
    const busy: Load = { active: 1, inactive: 1 };
    for (const server of limited.servers) state.loads.set(server, busy);
    expect(SCHEDULERS[scheduler].pick(limited, state, FLOW)).toBeUndefined();
  });
});

describe('shares where the past is unknown', () => {
  const shares = (of: VirtualServer): readonly string[] =>
    SCHEDULERS[of.scheduler]
      .shares(of, FLOW)
      .map(({ server, probability }) => `${nameOf(of, server)} ${toNumber(probability)}`);

  it.each([
    ['rr', [1, 0, 3], ['a 0.5', 'c 0.5']],
    ['lc', [1, 5], ['a 0.5', 'b 0.5']],
    ['wrr', [1, 0, 3], ['a 0.25', 'c 0.75']],
    ['wlc', [1, 3], ['a 0.25', 'b 0.75']],
    ['sed', [1, 3], ['a 0.25', 'b 0.75']],
    ['nq', [1, 3], ['a 0.25', 'b 0.75']],
    ['lblc', [1, 3], ['a 0.25', 'b 0.75']],
    ['lblcr', [1, 3], ['a 0.25', 'b 0.75']],
    ['twos', [1, 3], ['a 0.25', 'b 0.75']],
    ['fo', [1, 3], ['b 1']],
    ['ovf', [1, 3], ['b 1']],
    ['rr', [0], []],
  ] as const)('%s over weights %j: %j', (scheduler, weights, expected) => {
    expect(shares(service(scheduler, weights))).toEqual(expected);
  });

  it.each(SCHEDULER_NAMES)('those of %s add up to 1', (scheduler) => {
    const all = SCHEDULERS[scheduler].shares(service(scheduler, [1, 2, 7]), FLOW);
    expect(all.reduce((sum, { probability }) => add(sum, probability), ZERO)).toEqual(ONE);
    expect(SCHEDULERS[scheduler].fixed ? all.length : SCHEDULERS[scheduler].assumption).toBeTruthy();
  });

  it.each(SCHEDULER_NAMES.filter((name) => name !== 'fo' && !SCHEDULERS[name].fixed && name !== 'ovf'))(
    '%s comes to its shares in the long run',
    (scheduler) => {
      // lblc and lblcr look at the destination, twos throws dice: the others have to agree with their own shares.
      if (scheduler === 'lblc' || scheduler === 'lblcr' || scheduler === 'twos') return;
      const of = service(scheduler, [1, 2, 5]);
      const counts = new Map<string, number>();
      for (const name of sequence(of, 4000)) counts.set(name, (counts.get(name) ?? 0) + 1);
      for (const { server, probability } of SCHEDULERS[scheduler].shares(of, FLOW)) {
        expect((counts.get(nameOf(of, server)) ?? 0) / 4000).toBeCloseTo(toNumber(probability), 2);
      }
    },
  );
});

describe('recorded', () => {
  const lines = readFileSync(new URL('schedulers-6.1.jsonl', import.meta.url), 'utf8')
    .trimEnd()
    .split('\n');
  const cases = lines.map((line) => {
    const fields = recordOf(JSON.parse(line));
    const [commands, flows] = [fields?.get('commands'), fields?.get('flows')];
    invariant(Array.isArray(commands) && Array.isArray(flows), line);
    return { name: `${commands.join('; ')}`, text: commands.join('\n'), flows: flows.map(String) };
  });

  it.each(cases)('$name', ({ text, flows }) => {
    const all = services(text);
    const states = new Map(all.map((each) => [each, new ServiceState()]));
    const chosen = flows.map((flow) => {
      const [from = '', to = ''] = flow.split(' ');
      const [source = '', port = ''] = from.split(':');
      const destination = ip(to);
      const of = all.find(({ at }) => at.kind === 'address' && at.address === destination);
      const state = of === undefined ? undefined : states.get(of);
      invariant(of !== undefined && state !== undefined, flow);
      const server = SCHEDULERS[of.scheduler].pick(of, state, {
        source: ip(source),
        destination,
        sourcePort: Number(port),
      });
      // A connection by UDP counts as inactive.
      if (server !== undefined) state.loads.set(server, { active: 0, inactive: state.load(server).inactive + 1 });
      return `${from} ${to} ${server === undefined ? 'none' : printServer(server)}`;
    });
    expect(chosen).toEqual(flows);
  });
});
