/** `nettrace lab script|up|exec|down`: the topology in network namespaces of this machine. */

import type { LabPlan } from '../lab/plan.ts';
import { planLab } from '../lab/plan-lab.ts';
import { printLabScript } from '../lab/script.ts';
import { nearest } from '../lib/nearest.ts';
import { printSafeJson } from '../report/safe-json.ts';
import { podMachine } from '../topology/world/inventory.ts';
import { type Arguments, type Command, flagOf, stringOf, stringsOf } from './command.ts';
import { CliError, inputError, usageError } from './errors.ts';
import { EXIT } from './exit-code.ts';
import type { Io, System } from './io.ts';
import { buildLab, findLab, takeDownLab } from './lab-builder.ts';
import { loadInput } from './load-input.ts';
import { addInputOptions, inputOptionsOf } from './options.ts';

const ACTIONS = ['script', 'up', 'exec', 'down'] as const;

/** A namespace takes milliseconds and memory: more than these are built only on demand. */
const MOST_MACHINES = 200;

export const command: Command = {
  configure: (yargs) =>
    addInputOptions(yargs)
      .positional('action', { type: 'string', describe: ACTIONS.join('|') })
      .positional('machine', { type: 'string', describe: 'exec: the node, Pod, host or container' })
      .positional('words', { type: 'string', array: true, describe: 'exec: the command, behind --' })
      .option('output', {
        alias: 'o',
        type: 'string',
        requiresArg: true,
        default: 'text',
        describe: 'script: text or json',
      })
      .option('force', { type: 'boolean', describe: `Also with more than ${MOST_MACHINES} machines` })
      .example('nettrace lab script -f topologies/docker-bridge', 'a POSIX sh script that builds it')
      .example('nettrace lab up -f topologies/docker-bridge', 'build it (root, or unshare -Urnm)')
      .example('nettrace lab exec docker1 -- tcpdump -ni eth0', 'a program in a machine; without one, a shell')
      .example('nettrace lab down', 'remove it'),
  async run(args, io) {
    const asked = stringOf(args, 'action') ?? '';
    const action = ACTIONS.find((candidate) => candidate === asked);
    if (action === undefined) {
      const [like] = nearest(asked, ACTIONS, 1);
      throw usageError(
        `lab: unknown word ${asked} (${like === undefined ? `known: ${ACTIONS.join(', ')}` : `did you mean ${like}?`})`,
      );
    }
    if (action !== 'exec' && (stringOf(args, 'machine') !== undefined || passedOn(args).length > 0)) {
      throw usageError(`lab ${action} takes no further words`);
    }
    switch (action) {
      case 'script':
        return script(args, io);
      case 'up':
        return up(args, io);
      case 'exec':
        return execute(args, io);
      case 'down':
        return down(io);
    }
  },
};

async function script(args: Arguments, io: Io): Promise<number> {
  const format = stringOf(args, 'output') ?? 'text';
  if (format !== 'text' && format !== 'json')
    throw usageError(`lab script: unknown format ${format}; known: text, json`);
  const plan = await planOf(args, io);
  io.stdout(format === 'json' ? `${printSafeJson(plan, 1)}\n` : printLabScript(plan));
  return EXIT.delivered;
}

async function up(args: Arguments, io: Io): Promise<number> {
  const system = systemOf(io);
  // What is wrong with the input is told on every machine, also where nothing can be built.
  const plan = await planOf(args, io);
  const { machines, listeners } = await buildLab(system, plan);
  const first = plan.machines.find((machine) => machine.role === 'machine')?.name ?? 'MACHINE';
  io.stdout(
    `${machines.size} namespaces, ${listeners.length} listening\nnettrace lab exec ${first} -- ip address\nnettrace lab down\n`,
  );
  return EXIT.delivered;
}

async function execute(args: Arguments, io: Io): Promise<number> {
  const system = systemOf(io);
  const asked = stringOf(args, 'machine');
  const words = passedOn(args);
  if (asked === undefined) throw usageError('lab exec: in which machine? (nettrace lab exec MACHINE -- COMMAND)');
  const lab = findLab(system);
  if (lab === undefined) throw new CliError(EXIT.noInput, 'there is no lab here (nettrace lab up builds one)');
  const netns = findMachine(lab.machines, asked);
  const program = words.length > 0 ? words : [io.env.SHELL ?? '/bin/sh'];
  return system.attach('ip', ['netns', 'exec', netns, ...program]);
}

/** By its own name, its namespace's, or the end of its name, if that is one machine's only. */
function findMachine(machines: ReadonlyMap<string, string>, asked: string): string {
  const exact = machines.get(asked) ?? [...machines.values()].find((netns) => netns === asked);
  if (exact !== undefined) return exact;
  const short = (name: string): string => name.split(/[/:]/).at(-1) ?? name;
  const plain = short(asked);
  const alike = [...machines].filter(([name]) => short(name) === plain);
  const [only] = alike;
  if (only !== undefined && alike.length === 1) return only[1];
  const near = alike.length > 1 ? alike.map(([name]) => name) : nearest(asked, machines.keys());
  const hint = near.length > 0 ? `did you mean ${near.join(', ')}?` : `there are: ${[...machines.keys()].join(', ')}`;
  throw usageError(`lab exec: no machine ${asked} (${hint})`);
}

function down(io: Io): number {
  const removed = takeDownLab(systemOf(io));
  io.stdout(removed === 0 ? 'there is no lab here\n' : `removed ${removed} namespaces\n`);
  return EXIT.delivered;
}

function passedOn(args: Arguments): readonly string[] {
  return [...stringsOf(args, 'words'), ...stringsOf(args, '--')];
}

function systemOf(io: Io): System {
  if (io.system === undefined) throw new CliError(EXIT.invalidInput, 'a lab needs a Linux machine');
  return io.system;
}

/** Every machine, Pod and container of the input. */
async function planOf(args: Arguments, io: Io): Promise<LabPlan> {
  const { world, cluster } = await loadInput(inputOptionsOf(args), io);
  const pods = cluster.pods.filter((pod) => pod.node !== undefined && !pod.hostNetwork && pod.ips.length > 0);
  const ids = new Set([...world.machines, ...pods.map(podMachine)].map(({ netns }) => netns));
  if (ids.size === 0) throw new CliError(EXIT.invalidInput, 'there is no machine in the input');
  if (ids.size > MOST_MACHINES && !flagOf(args, 'force')) {
    throw new CliError(
      EXIT.invalidInput,
      `${ids.size} machines are more than ${MOST_MACHINES}: a lab of them needs --force`,
    );
  }
  const { plan, issues } = planLab([...ids].map((id) => world.netns(id)));
  if (issues.length > 0) throw inputError(issues);
  return plan;
}
