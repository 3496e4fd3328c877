/** Drives scripts/kernel-lab/runner.py: builds plans in network namespaces and asks what the kernel does with probes. */
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { LabPlan } from '../../../src/lab/plan.ts';
import { recordOf } from '../../../src/lib/brand.ts';
import type { ProbeText } from './scenario.ts';

const RUNNER = fileURLToPath(new URL('../../../scripts/kernel-lab/runner.py', import.meta.url));
const PYTHON = '/usr/bin/python3';

/** One event of the kernel's TRACE. */
export type TraceEvent = {
  readonly table: string;
  readonly chain: string;
  readonly event: string;
  readonly number: number;
  readonly src: string;
  readonly dst: string;
  readonly protocol: number;
  readonly ttl: number;
  readonly sport?: number;
  readonly dport?: number;
  readonly icmp?: readonly [type: number, code: number];
  /** A segment of TCP with RST. */
  readonly reset?: boolean;
  readonly mark: number;
};

/** Who took the probe: machine, the address it came from, the address it was sent to. */
type Arrival = { readonly backend: string; readonly seen: string; readonly asked: string };

export type KernelObservation = {
  readonly kind: 'connected' | 'reset' | 'icmp' | 'errno' | 'silence';
  readonly arrival?: Arrival;
  readonly ttl?: number;
  readonly from?: string;
  readonly type?: number;
  readonly code?: number;
  readonly mtu?: number;
  readonly errno?: string;
  /** What else lay in the socket's error queue when the call failed. */
  readonly queued?: KernelObservation;
  /** By machine, in each machine's order. */
  readonly events?: ReadonlyMap<string, readonly TraceEvent[]>;
};

export type KernelProbe = ProbeText & { readonly timeout?: number };

export type Capabilities = {
  readonly kernel: string;
  readonly missing: string | undefined;
  readonly kinds: readonly string[];
  readonly sets: readonly string[];
  readonly bridgeNetfilter: boolean;
};

/** How to start Python: as root, or in a user namespace where this user is root. */
function command(): readonly [string, ...string[]] {
  return process.getuid?.() === 0 ? [PYTHON, RUNNER] : ['unshare', '-Urn', PYTHON, RUNNER];
}

/** What this machine's kernel can do; `missing` says in words why the suite cannot run here. */
export function readCapabilities(): Capabilities {
  const none = (missing: string): Capabilities => ({
    kernel: '',
    missing,
    kinds: [],
    sets: [],
    bridgeNetfilter: false,
  });
  if (process.platform !== 'linux') return none('Linux');
  const [program, ...rest] = command();
  const done = spawnSync(program, [...rest, '--capabilities'], { encoding: 'utf8' });
  if (done.error !== undefined) return none(`${program} (${done.error.message})`);
  if (done.status !== 0) return none(done.stderr.trim().split('\n').at(-1) ?? 'a working runner');
  const fields = new Fields(JSON.parse(done.stdout), 'capabilities');
  return {
    kernel: fields.text('kernel'),
    missing: fields.optional('missing', (f) => f.text('missing')),
    kinds: fields.optional('kinds', (f) => f.texts('kinds')) ?? [],
    sets: fields.optional('sets', (f) => f.texts('sets')) ?? [],
    bridgeNetfilter: fields.has('bridgeNetfilter') && fields.value('bridgeNetfilter') === true,
  };
}

/** One runner process. Requests are answered in their order. */
export class KernelRunner {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #waiting: { resolve: (line: string) => void; reject: (error: Error) => void }[] = [];
  #stderr = '';
  /** The test worker has lost its parent (SIGKILL): it would go on alone, and the namespaces with it. */
  readonly #abandoned = (): never => process.exit(1);

  constructor() {
    const [program, ...rest] = command();
    process.once('disconnect', this.#abandoned);
    this.#child = spawn(program, rest, { stdio: ['pipe', 'pipe', 'pipe'] });
    createInterface({ input: this.#child.stdout }).on('line', (line) => this.#waiting.shift()?.resolve(line));
    this.#child.stderr.on('data', (data: Buffer) => {
      this.#stderr += data.toString();
    });
    const end = (): void => {
      for (const { reject } of this.#waiting.splice(0))
        reject(new Error(`the kernel runner ended: ${this.#stderr.slice(-2000)}`));
    };
    this.#child.on('exit', end);
    this.#child.on('error', end);
    this.#child.stdin.on('error', end);
  }

  async #ask(request: unknown): Promise<Fields> {
    const line = await new Promise<string>((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#child.stdin.write(`${JSON.stringify(request)}\n`);
    });
    const fields = new Fields(JSON.parse(line), 'answer');
    if (fields.has('error')) throw new KernelRefusal(fields.text('error'));
    return fields;
  }

  /** Builds the plan in place of the one before. */
  async build(plan: LabPlan, trace: boolean): Promise<{ readonly milliseconds: number }> {
    const answer = await this.#ask({ build: plan, trace });
    return { milliseconds: answer.number('milliseconds') };
  }

  /** What the probes' senders observed, in order. `fresh` names machines whose rules are loaded again before. */
  async probe(
    probes: readonly KernelProbe[],
    options: { readonly timeout?: number; readonly width?: number; readonly fresh?: readonly string[] } = {},
  ): Promise<readonly KernelObservation[]> {
    const answer = await this.#ask({ probes, ...options });
    if (answer.number('lost') > 0) throw new Error('trace events were lost');
    return answer.list('observations').map(readObservation);
  }

  /** Runs a tool in a machine and returns what it printed. */
  async run(machine: string, command: readonly string[], text?: string): Promise<string> {
    const answer = await this.#ask({ run: { machine, command, ...(text === undefined ? {} : { text }) } });
    return answer.text('output');
  }

  async close(): Promise<void> {
    process.off('disconnect', this.#abandoned);
    if (this.#child.exitCode !== null) return;
    const ended = new Promise<void>((resolve) => this.#child.once('exit', () => resolve()));
    this.#child.stdin.end();
    await ended;
  }
}

/** The kernel or one of its tools did not take the plan. */
export class KernelRefusal extends Error {
  override readonly name = 'KernelRefusal';
}

/** Checked reading of an answer's fields. */
class Fields {
  readonly #map: ReadonlyMap<string, unknown>;
  readonly #what: string;

  constructor(value: unknown, what: string) {
    const map = recordOf(value);
    if (map === undefined) throw new Error(`the runner's ${what} is no object: ${JSON.stringify(value)}`);
    this.#map = map;
    this.#what = what;
  }

  has(name: string): boolean {
    return this.#map.has(name) && this.#map.get(name) !== null;
  }

  value(name: string): unknown {
    return this.#map.get(name);
  }

  optional<T>(name: string, read: (fields: this) => T): T | undefined {
    return this.has(name) ? read(this) : undefined;
  }

  text(name: string): string {
    const value = this.#map.get(name);
    if (typeof value !== 'string') throw this.#wrong(name, 'a text');
    return value;
  }

  number(name: string): number {
    const value = this.#map.get(name);
    if (typeof value !== 'number') throw this.#wrong(name, 'a number');
    return value;
  }

  list(name: string): readonly unknown[] {
    const value = this.#map.get(name);
    if (!Array.isArray(value)) throw this.#wrong(name, 'a list');
    return value;
  }

  texts(name: string): readonly string[] {
    return this.list(name).map((value) => String(value));
  }

  entries(): Iterable<readonly [string, unknown]> {
    return this.#map.entries();
  }

  #wrong(name: string, wanted: string): Error {
    return new Error(`${name} of the runner's ${this.#what} is no ${wanted}: ${JSON.stringify(this.#map.get(name))}`);
  }
}

const KINDS = ['connected', 'reset', 'icmp', 'errno', 'silence'] as const;

/** An observation as JSON, from the runner or from a fixture. */
export function readObservation(value: unknown): KernelObservation {
  const fields = new Fields(value, 'observation');
  const kind = KINDS.find((candidate) => candidate === fields.text('kind'));
  if (kind === undefined) throw new Error(`unknown observation ${JSON.stringify(value)}`);
  const arrived = fields.has('arrived') ? new Fields(fields.value('arrived'), 'arrival') : undefined;
  const number = (name: string): number | undefined => fields.optional(name, (f) => f.number(name));
  const text = (name: string): string | undefined => fields.optional(name, (f) => f.text(name));
  return withoutUndefined({
    kind,
    arrival: arrived && { backend: arrived.text('backend'), seen: arrived.text('seen'), asked: arrived.text('asked') },
    ttl: number('ttl'),
    from: text('from'),
    type: number('type'),
    code: number('code'),
    mtu: number('mtu'),
    errno: text('errno'),
    queued: fields.has('queued') ? readObservation(fields.value('queued')) : undefined,
    events: fields.has('events') ? readEvents(fields.value('events')) : undefined,
  });
}

function readEvents(value: unknown): ReadonlyMap<string, readonly TraceEvent[]> {
  const machines = new Fields(value, 'events');
  return new Map([...machines.entries()].map(([machine]) => [machine, machines.list(machine).map(readEvent)]));
}

function readEvent(value: unknown): TraceEvent {
  const fields = new Fields(value, 'event');
  const icmp = fields.has('icmp') ? fields.list('icmp').map(Number) : undefined;
  return withoutUndefined({
    table: fields.text('table'),
    chain: fields.text('chain'),
    event: fields.text('event'),
    number: fields.number('number'),
    src: fields.text('src'),
    dst: fields.text('dst'),
    protocol: fields.number('protocol'),
    ttl: fields.number('ttl'),
    sport: fields.optional('sport', (f) => f.number('sport')),
    dport: fields.optional('dport', (f) => f.number('dport')),
    icmp: icmp === undefined ? undefined : ([icmp[0] ?? 0, icmp[1] ?? 0] as const),
    reset: fields.has('reset') ? true : undefined,
    mark: fields.number('mark'),
  });
}

type Defined<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** The object without the properties that are undefined: exactOptionalPropertyTypes tells the two apart. */
function withoutUndefined<T extends object>(value: T): Defined<T>;
function withoutUndefined(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== undefined));
}
