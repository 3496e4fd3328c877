/** A condition that only a bug in nettrace can break: the CLI answers it with exit code 70. */
export class BugError extends Error {
  override readonly name = 'BugError';
}

/** Throws BugError when the condition does not hold. Never use it for input: input errors are Issues. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new BugError(message);
}

/** Ends a `switch` over a closed union: a new member fails to compile here. */
export function assertNever(value: never): never {
  throw new BugError(`unhandled case: ${JSON.stringify(value)}`);
}
