import { add, type Fraction } from '../lib/fraction.ts';
import type { BackendView, PathView } from './trace.ts';

export type BackendShare = {
  readonly backend: BackendView;
  /** Of all connections. */
  readonly share: Fraction;
};

/** Each backend once, in the order of the first path to it: several routes may lead to one. */
export function backendShares(paths: readonly Pick<PathView, 'backend' | 'probability'>[]): readonly BackendShare[] {
  const shares = new Map<string, BackendShare>();
  for (const { backend, probability } of paths) {
    if (backend === null) continue;
    const key = backendKey(backend);
    const known = shares.get(key);
    shares.set(key, { backend, share: known === undefined ? probability : add(known.share, probability) });
  }
  return [...shares.values()];
}

/** Two backends of the same text are one. */
export function backendKey({ pod, ip, port }: BackendView): string {
  return `${pod} ${ip} ${port}`;
}
