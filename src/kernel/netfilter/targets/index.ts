/** The targets that rules may name. A chain's name is not among them: see jumpTarget(). */
import type { RegisteredTarget } from '../target.ts';
import { ACCEPT, DROP, RETURN } from './verdicts.ts';

export { allowedIn } from './allowed.ts';
export { unknownTarget } from './unknown.ts';
export { gotoTarget, jumpTarget, noTarget } from './verdicts.ts';

export const TARGETS: readonly RegisteredTarget[] = [ACCEPT, DROP, RETURN];
