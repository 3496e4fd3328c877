/** Makes a scenario that differs as small as it can be while it still differs. */
import type { MachineText, ProbeText, Scenario } from './scenario.ts';

/** Tries smaller scenarios until none of them differs any more, or the tries are used up. */
export async function shrinkScenario(
  scenario: Scenario,
  differs: (candidate: Scenario) => Promise<boolean>,
  tries = 400,
): Promise<Scenario> {
  let best = scenario;
  let left = tries;
  for (let progress = true; progress && left > 0; ) {
    progress = false;
    // After a success the search goes on where it was: what failed before it mostly fails again.
    let place = 0;
    for (let found = true; found && left > 0; ) {
      found = false;
      let index = 0;
      for (const candidate of smaller(best)) {
        if (index++ < place) continue;
        if (left-- <= 0) break;
        if (await differs(candidate)) {
          best = candidate;
          found = true;
          progress = true;
          break;
        }
        place++;
      }
    }
  }
  return best;
}

/** One step smaller, the big steps first. */
function* smaller(scenario: Scenario): Generator<Scenario> {
  const { machines, probes } = scenario;
  if (probes.length > 1) {
    for (const part of halves(probes)) yield { ...scenario, probes: part };
  }
  if (scenario.files !== undefined) {
    for (const files of smallerFiles(scenario.files)) yield { ...scenario, files };
  }
  for (const machine of machines) {
    if (!probes.some((probe) => probe.machine === machine.name) && machines.length > 1)
      yield dropMachine(scenario, machine.name);
  }
  for (const machine of machines) {
    for (const smallerMachine of smallerMachines(machine)) {
      yield { ...scenario, machines: machines.map((other) => (other === machine ? smallerMachine : other)) };
    }
  }
  for (const probe of probes) {
    for (const key of ['ttl', 'length', 'dontFragment', 'mark', 'uid', 'gid', 'source'] as const) {
      if (probe[key] !== undefined)
        yield { ...scenario, probes: probes.map((other) => (other === probe ? without(probe, key) : other)) };
    }
  }
}

/**
 * Without some of the documents: Pods, Services, policies, faults. What the others cannot do without does not load, and so
 * differs no more.
 */
function* smallerFiles(files: NonNullable<Scenario['files']>): Generator<NonNullable<Scenario['files']>> {
  for (const file of files) {
    const documents = file.text.split(/^---\n/m).filter((text) => text.trim() !== '');
    for (const fewer of halves(documents)) {
      const text = fewer.map((document) => `---\n${document}`).join('');
      yield files.flatMap((other) => (other !== file ? [other] : text === '' ? [] : [{ ...file, text }]));
    }
  }
}

function without(probe: ProbeText, key: keyof ProbeText): ProbeText {
  const { machine, protocol, destination, dport, sport, ...rest } = probe;
  return {
    machine,
    protocol,
    destination,
    dport,
    sport,
    ...Object.fromEntries(Object.entries(rest).filter(([name]) => name !== key)),
  };
}

/** Halves of a list, then the list without each one of its items. */
function* halves<T>(items: readonly T[]): Generator<readonly T[]> {
  if (items.length > 3) {
    const middle = items.length >> 1;
    yield items.slice(0, middle);
    yield items.slice(middle);
  }
  if (items.length <= 12 || items.length < 40) {
    for (const item of items) yield items.filter((other) => other !== item);
  }
}

/** Without the machine, and without the ends of wires that led to it. */
function dropMachine(scenario: Scenario, name: string): Scenario {
  const machines = scenario.machines
    .filter((machine) => machine.name !== name)
    .map((machine) => dropDevices(machine, (device) => device.peer?.[0] === name));
  return { ...scenario, machines };
}

function dropDevices(machine: MachineText, gone: (device: MachineText['devices'][number]) => boolean): MachineText {
  const names = new Set(machine.devices.filter(gone).map((device) => device.name));
  if (names.size === 0) return machine;
  const free = (line: string): boolean => !line.split(' ').some((word) => names.has(word));
  return {
    ...machine,
    devices: machine.devices.filter((device) => !names.has(device.name)),
    ...(machine.routes === undefined ? {} : { routes: machine.routes.filter(free) }),
    ...(machine.sysctls === undefined
      ? {}
      : {
          sysctls: Object.fromEntries(
            Object.entries(machine.sysctls).filter(([key]) => !key.split('.').some((part) => names.has(part))),
          ),
        }),
  };
}

function* smallerMachines(machine: MachineText): Generator<MachineText> {
  if (machine.iptables !== undefined) {
    yield { ...machine, iptables: '' };
    for (const iptables of smallerRules(machine.iptables)) yield { ...machine, iptables };
  }
  for (const key of ['routes', 'rules', 'listen'] as const) {
    const lines = machine[key];
    if (lines === undefined || lines.length === 0) continue;
    for (const fewer of halves(lines)) yield { ...machine, [key]: fewer };
  }
  for (const name of Object.keys(machine.sysctls ?? {})) {
    yield {
      ...machine,
      sysctls: Object.fromEntries(Object.entries(machine.sysctls ?? {}).filter(([key]) => key !== name)),
    };
  }
  const sets = (machine.ipsets ?? '').split('\n').filter((line) => line !== '');
  for (const line of sets) {
    if (line.startsWith('add '))
      yield {
        ...machine,
        ipsets: sets
          .filter((other) => other !== line)
          .map((other) => `${other}\n`)
          .join(''),
      };
  }
  for (const device of machine.devices) {
    if (device.kind === 'veth' || device.kind === 'bridge') continue;
    if (machine.devices.length > 1 && device.kind !== 'ethernet')
      yield dropDevices(machine, (other) => other === device);
  }
}

/** Without one whole table, then without one rule, and each rule without one of its matches. */
function* smallerRules(text: string): Generator<string> {
  const lines = text.split('\n');
  const tables = lines.flatMap((line, index) => (line.startsWith('*') ? [index] : []));
  for (const start of tables) {
    const end = lines.indexOf('COMMIT', start);
    if (tables.length > 1) yield [...lines.slice(0, start), ...lines.slice(end + 1)].join('\n');
  }
  const rules = lines.flatMap((line, index) => (line.startsWith('-A ') ? [index] : []));
  if (rules.length > 6) {
    for (const part of [rules.slice(0, rules.length >> 1), rules.slice(rules.length >> 1)])
      yield lines.filter((_, index) => !part.includes(index)).join('\n');
  }
  for (const rule of rules) yield lines.filter((_, index) => index !== rule).join('\n');
  for (const rule of rules) {
    const words = (lines[rule] ?? '').split(/ (?=(?:! )?-[sdiopfmjg] )/);
    for (const word of words.slice(1)) {
      const line = words.filter((other) => other !== word).join(' ');
      yield lines.map((other, index) => (index === rule ? line : other)).join('\n');
    }
  }
}
