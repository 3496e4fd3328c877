/** The real world: this process, its streams and files. */
import { readdirSync, readFileSync, statSync, watch, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { CliError } from './errors.ts';
import { EXIT } from './exit-code.ts';
import type { Files, Io } from './io.ts';
import { createNodeSystem } from './node-system.ts';

/** V8 cannot make longer strings; a larger file gets a clear message instead of a crash. */
const LONGEST_TEXT = 536_870_888;

export function createNodeIo(process: NodeJS.Process): Io {
  return {
    stdout: (text) => process.stdout.write(text),
    stderr: (text) => process.stderr.write(text),
    env: process.env,
    isTerminal: process.stdout.isTTY === true,
    files: nodeFiles,
    writeFile,
    progress: createProgress(process.stderr),
    interrupted: createInterrupted(process),
    watch: watchPaths,
    system: createNodeSystem(process),
  };
}

const nodeFiles: Files = {
  kind(path) {
    try {
      const stat = statSync(path);
      return stat.isDirectory() ? 'directory' : 'file';
    } catch (error) {
      // A link that leads nowhere is no input; a path without permission is a mistake to tell.
      if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined;
      throw unreadable(path, error);
    }
  },
  read(path) {
    try {
      const bytes = readFileSync(path);
      if (bytes.length > LONGEST_TEXT)
        throw new CliError(EXIT.invalidInput, `${path}: larger than ${LONGEST_TEXT} bytes`);
      return bytes.toString('utf8');
    } catch (error) {
      throw error instanceof CliError ? error : unreadable(path, error);
    }
  },
  readStdin() {
    try {
      return readFileSync(0, 'utf8');
    } catch (error) {
      if (codeOf(error) === 'EOF') return '';
      throw unreadable('standard input', error);
    }
  },
  list(path) {
    try {
      return readdirSync(path).sort();
    } catch (error) {
      throw unreadable(path, error);
    }
  },
};

function writeFile(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    throw new CliError(EXIT.noInput, `cannot write ${path}: ${codeOf(error) ?? String(error)}`);
  }
}

/** One line that is written over itself, at most every tenth of a second. */
function createProgress(stream: NodeJS.WriteStream): (text: string) => void {
  let last = 0;
  return (text) => {
    if (stream.isTTY !== true) return;
    const now = performance.now();
    if (text !== '' && now - last < 100) return;
    last = now;
    stream.write(`\r\x1b[K${text}`);
  };
}

/** The first Ctrl-C ends the work, the second one the process. */
function createInterrupted(process: NodeJS.Process): () => Promise<boolean> {
  let pressed = false;
  let listening = false;
  return async () => {
    if (!listening) {
      listening = true;
      process.once('SIGINT', () => {
        pressed = true;
      });
    }
    // Signals are delivered between two turns of the event loop.
    await new Promise((resolve) => setImmediate(resolve));
    return pressed;
  };
}

/**
 * Changes within a fifth of a second are one: editors write a file several times. Many of them put a new file in the place of
 * the old one, which whoever watches the file itself would never hear of: its folder is watched.
 */
function watchPaths(paths: readonly string[], changed: (paths: readonly string[]) => void): Promise<void> {
  const waiting = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  const soon = (path: string): void => {
    waiting.add(path);
    clearTimeout(timer);
    timer = setTimeout(() => {
      const list = [...waiting];
      waiting.clear();
      changed(list);
    }, 200);
  };
  for (const path of paths) {
    if (nodeFiles.kind(path) === 'directory') watch(path, () => soon(path));
    else {
      const own = basename(path);
      watch(dirname(path), (_, name) => {
        if (name === null || name === own) soon(path);
      });
    }
  }
  return new Promise(() => undefined);
}

function unreadable(path: string, error: unknown): CliError {
  return new CliError(EXIT.noInput, `cannot read ${path}: ${codeOf(error) ?? String(error)}`);
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
