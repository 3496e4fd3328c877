/** Tests that ask the real tools of the machine. */
import { execFileSync } from 'node:child_process';

/** Why such a test cannot run here, or undefined. */
export function missingTools(...tools: readonly string[]): string | undefined {
  if (process.getuid?.() !== 0) return 'not root';
  for (const tool of tools) {
    try {
      execFileSync('bash', ['-c', `command -v ${tool}`], { stdio: 'ignore' });
    } catch {
      return `${tool} is not installed`;
    }
  }
  try {
    execFileSync('unshare', ['-n', 'true'], { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'no network namespaces';
  }
}
