/** This machine's programs and files. Programs get argument lists; nothing passes through a shell. */
import { spawn, spawnSync } from 'node:child_process';
import { accessSync, constants, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { constants as systemConstants } from 'node:os';
import { LOCK_FILE } from '../lab/state-file.ts';
import type { System } from './io.ts';

/** Output of `ip` and its kin is short; a broken program must not fill our memory. */
const MOST_OUTPUT = 16 * 1024 * 1024;

/** What a terminal (Ctrl-C and Ctrl-\), a supervisor and a lost connection send. */
const ENDING = ['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGHUP'] as const;

export function createNodeSystem(process: NodeJS.Process): System {
  // Tools of the network live in sbin, which users other than root often have not on their path.
  const env = {
    ...process.env,
    PATH: `${process.env.PATH ?? '/usr/bin:/bin'}:/usr/sbin:/sbin`,
    XTABLES_LOCKFILE: LOCK_FILE,
  };
  return {
    platform: process.platform,
    uid: process.getuid?.(),
    run(program, words, input) {
      const ran = spawnSync(program, words, { encoding: 'utf8', env, maxBuffer: MOST_OUTPUT, input: input ?? '' });
      if (ran.error !== undefined) return { status: undefined, stdout: '', stderr: ran.error.message };
      return { status: ran.status ?? 128, stdout: ran.stdout, stderr: ran.stderr };
    },
    start(program, words) {
      const child = spawn(program, words, { detached: true, stdio: 'ignore', env });
      // Without a listener a program that is not there would end us; the missing process id tells it.
      child.on('error', () => undefined);
      child.unref();
      return child.pid;
    },
    attach(program, words) {
      // The terminal's Ctrl-C goes to the whole group: it is for the program, and we wait for what it makes of it.
      const ignore = (): void => undefined;
      process.on('SIGINT', ignore).on('SIGQUIT', ignore);
      return new Promise<number>((resolve, reject) => {
        const child = spawn(program, words, { stdio: 'inherit', env });
        child.on('error', reject);
        child.on('close', (code, signal) =>
          resolve(code ?? 128 + (signal === null ? 0 : systemConstants.signals[signal])),
        );
      }).finally(() => process.off('SIGINT', ignore).off('SIGQUIT', ignore));
    },
    async heeding(work) {
      let heard: NodeJS.Signals | undefined;
      const hear = (signal: NodeJS.Signals): void => {
        heard ??= signal;
      };
      for (const signal of ENDING) process.on(signal, hear);
      try {
        return await work(async () => {
          // Signals are told to us between two turns of the event loop.
          await new Promise((resolve) => setImmediate(resolve));
          return heard !== undefined;
        });
      } finally {
        for (const signal of ENDING) process.off(signal, hear);
        if (heard !== undefined) process.kill(process.pid, heard);
      }
    },
    kill(pid, signal) {
      attempt(() => process.kill(pid, signal));
    },
    writableFolder: (path) =>
      attempt(() => {
        mkdirSync(path, { recursive: true });
        accessSync(path, constants.W_OK);
      }),
    names(folder) {
      try {
        return readdirSync(folder).sort();
      } catch {
        return [];
      }
    },
    readText(path) {
      try {
        return readFileSync(path, 'utf8');
      } catch {
        return undefined;
      }
    },
    createText: (path, text) => attempt(() => writeFileSync(path, text, { flag: 'wx' })),
    replaceText: (path, text) => writeFileSync(path, text),
    remove: (path) => rmSync(path, { force: true }),
  };
}

function attempt(action: () => void): boolean {
  try {
    action();
    return true;
  } catch {
    return false;
  }
}
