/** The seed scenarios are asked as a person asks: files in, an answer or a text out. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Io } from '../../src/cli/io.ts';
import { runCli } from '../../src/cli/run-cli.ts';
import { invariant } from '../../src/lib/assert.ts';
import { toNumber } from '../../src/lib/fraction.ts';
import { answerQuery } from '../../src/query/answer-query.ts';
import type { Query } from '../../src/query/query.ts';
import type { StepView, Trace } from '../../src/query/trace.ts';
import { type Loaded, loadTopology } from '../../src/topology/load.ts';
import { readTopologyFiles } from '../topologies/read-probes.ts';

const ROOT = new URL('../..', import.meta.url).pathname;

/** @param extra files of the folder (`policies/s61.yaml`), or YAML texts */
export function load(topology: string, ...extra: readonly string[]): Loaded {
  const files = extra.filter((one) => !one.includes('\n'));
  const texts = extra.filter((one) => one.includes('\n')).map((text, index) => ({ file: `extra-${index}.yaml`, text }));
  const loaded = loadTopology([...readTopologyFiles(topology, files), ...texts]);
  invariant(loaded.ok, loaded.ok ? '' : loaded.issues.map(({ at, message }) => `${at?.line}: ${message}`).join('\n'));
  return loaded.value;
}

export function loadText(text: string): Loaded {
  const loaded = loadTopology([{ file: 'lab.yaml', text }]);
  invariant(loaded.ok, loaded.ok ? '' : loaded.issues.map(({ at, message }) => `${at?.line}: ${message}`).join('\n'));
  return loaded.value;
}

export function ask(loaded: Loaded, source: string, destination: string, more: Partial<Query> = {}): Trace {
  const answer = answerQuery(loaded, { ...more, source, destination });
  invariant(answer.ok, answer.ok ? '' : answer.issues.map(({ message }) => message).join('\n'));
  return answer.value;
}

/** `delivered connected`, `dropped timeout POLICY_INGRESS_NO_MATCH` */
export function outcome(trace: Trace): string {
  const { verdict, symptom, code } = trace.result;
  return [verdict, symptom, ...(code === null ? [] : [code])].join(' ');
}

/** `source destination` and the outcome of each, so that a table of them reads as the notes do. */
export function outcomes(loaded: Loaded, questions: readonly string[]): readonly string[] {
  return questions.map((question) => {
    const [source = '', destination = ''] = question.split(' ');
    return `${question} => ${outcome(ask(loaded, source, destination))}`;
  });
}

/** Of the request, path by path. */
export function steps(trace: Trace): readonly StepView[] {
  return trace.paths.flatMap(({ hops }) => hops.flatMap((hop) => hop.steps));
}

/** The devices that the first path's request goes through, in order: `c100/cali0`, `vms100/ens32`. */
export function devices(trace: Trace): readonly string[] {
  const found: string[] = [];
  for (const hop of trace.paths[0]?.hops ?? []) {
    for (const { phase, device } of hop.steps) {
      if (device === null || (phase !== 'receive' && phase !== 'transmit')) continue;
      const name = `${hop.inside ?? hop.node}/${device}`;
      if (found.at(-1) !== name) found.push(name);
    }
  }
  return found;
}

/** The machines of the first path's request in order, each once in a row. */
export function machines(trace: Trace): readonly string[] {
  const nodes = (trace.paths[0]?.hops ?? []).map(({ node }) => node);
  return nodes.filter((node, index) => node !== nodes[index - 1]);
}

/** `0.25 10.244.0.21:8000` of each path. */
export function backends(trace: Trace): readonly string[] {
  return trace.paths.map(({ probability, backend }) => `${toNumber(probability)} ${backend?.ip}:${backend?.port}`);
}

export type Ran = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** Runs the command line in this process. Paths are those of the repository; `files` lie over them. */
export async function run(argv: readonly string[], files: Readonly<Record<string, string>> = {}): Promise<Ran> {
  const own = new Map(Object.entries(files));
  let stdout = '';
  let stderr = '';
  const io: Io = {
    stdout: (text) => {
      stdout += text;
    },
    stderr: (text) => {
      stderr += text;
    },
    env: {},
    isTerminal: false,
    files: {
      kind(path) {
        if (own.has(path)) return 'file';
        if (!existsSync(join(ROOT, path))) return undefined;
        return statSync(join(ROOT, path)).isDirectory() ? 'directory' : 'file';
      },
      read: (path) => own.get(path) ?? readFileSync(join(ROOT, path), 'utf8'),
      readStdin: () => own.get('-') ?? '',
      list: (path) => readdirSync(join(ROOT, path)).sort(),
    },
  };
  const code = await runCli(argv, io);
  return { code, stdout, stderr };
}

/** What `nettrace show …` prints for a topology of the repository. */
export async function show(topology: string, ...words: readonly string[]): Promise<string> {
  const ran = await run(['show', ...words, '-f', `topologies/${topology}`]);
  invariant(ran.code === 0, ran.stderr);
  return ran.stdout;
}
