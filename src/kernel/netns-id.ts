import { type Brand, brand } from '../lib/brand.ts';

/** Name of a network namespace, unique in the world: a machine or a container. */
export type NetnsId = Brand<string, 'NetnsId'>;

/** Any name is one: of a node, a Pod, a network namespace. */
export function netnsId(name: string): NetnsId {
  return brand<NetnsId>(name);
}
