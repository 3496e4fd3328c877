/** What SIGKILL of the recorder of fixtures leaves behind: with a guest that only waits, in place of user-mode-linux. */
import { spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { kernelOrReason } from './lab/settings.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const kernel = kernelOrReason();

/** The kernel's arguments name the folder of the requests; the guest notes who it is there. */
const WAITING_GUEST = `#!/bin/bash
for word in "$@"; do case $word in lab.out=*) echo $$ >"\${word#lab.out=}/pid" ;; esac; done
exec sleep 600
`;

const FAILING_GUEST = `#!/bin/bash
exit 1
`;

function writeGuest(kernels: string, text: string): void {
  const program = path.join(kernels, 'uml/usr/bin/linux.uml');
  mkdirSync(path.dirname(program), { recursive: true });
  writeFileSync(program, text);
  chmodSync(program, 0o755);
  // get-kernels.sh fetches nothing where this is.
  writeFileSync(path.join(kernels, 'complete'), '');
}

function record(folder: string) {
  const words = ['--kernels', path.join(folder, 'kernels'), '--dry', '--count', '1', '--confirm', '0', '--no-clusters'];
  return spawn(process.execPath, ['--import', 'tsx', 'scripts/kernel-lab/guest/record.ts', ...words], {
    cwd: ROOT,
    env: { ...process.env, TMPDIR: folder },
    stdio: 'ignore',
  });
}

/** Where a recorder exchanges requests and answers with its guest. */
function exchanges(folder: string): readonly string[] {
  return readdirSync(folder).filter((name) => name.startsWith('nettrace-guest-'));
}

function pidOfGuest(folder: string): string {
  const file = exchanges(folder).map((name) => path.join(folder, name, 'pid'))[0];
  return file !== undefined && existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
}

/** A dead process that nobody has waited for yet has no command line. */
function runs(pid: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8') !== '';
  } catch {
    return false;
  }
}

async function until(isSo: () => boolean): Promise<boolean> {
  for (let waited = 0; waited < 1200 && !isSo(); waited++) await new Promise((resolve) => setTimeout(resolve, 50));
  return isSo();
}

describe.runIf(kernel !== undefined)('the recorder of fixtures', () => {
  test('its guest dies with it, and the next recorder removes the folder of one that SIGKILL ended', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'nettrace-recorder-'));
    try {
      writeGuest(path.join(folder, 'kernels'), WAITING_GUEST);
      const first = record(folder);
      expect(await until(() => pidOfGuest(folder) !== '')).toBe(true);
      const guest = pidOfGuest(folder);
      expect(runs(guest)).toBe(true);
      first.kill('SIGKILL');
      expect(await until(() => !runs(guest))).toBe(true);
      expect(exchanges(folder)).toHaveLength(1);

      writeGuest(path.join(folder, 'kernels'), FAILING_GUEST);
      const second = record(folder);
      await new Promise((resolve) => second.once('exit', resolve));
      expect(exchanges(folder)).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
