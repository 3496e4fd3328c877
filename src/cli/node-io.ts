/** The real world: this process, its streams and files. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
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

function unreadable(path: string, error: unknown): CliError {
  return new CliError(EXIT.noInput, `cannot read ${path}: ${codeOf(error) ?? String(error)}`);
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
