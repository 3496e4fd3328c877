/** Whether a release is 1.MINOR or a later one. `version`: `1.34`, `v1.24.3`. */
export function isAtLeast(version: string, minor: number): boolean {
  const [ownMajor = 0, ownMinor = 0] = version.replace(/^v/, '').split('.').map(Number);
  return ownMajor > 1 || (ownMajor === 1 && ownMinor >= minor);
}
