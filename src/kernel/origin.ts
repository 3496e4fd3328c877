import type { Brand } from '../lib/brand.ts';

/**
 * Where a rule, route or device came from. The emulator only carries it along; who built the machine knows what it
 * stands for (an object, a field, a file and a line).
 */
export type OriginId = Brand<number, 'OriginId'>;

/** The origin of what stands on a line of a text. */
export type OriginAt = (line: number) => OriginId;
