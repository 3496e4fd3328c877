/**
 * A proxy connects to an endpoint, and to the next one where that fails: nginx does so for refused and for silent ones
 * (proxy_next_upstream error timeout), three times at most (ingress-nginx: proxy-next-upstream-tries 3).
 */
import { type Fraction, multiply } from '../../lib/fraction.ts';
import type { PathView } from '../trace.ts';

const MOST_TRIES = 3;

export type Attempt<E> = {
  readonly endpoint: E;
  readonly tries: readonly PathView[];
  readonly probability: Fraction;
  readonly delivered: boolean;
};

/**
 * Every way in which the tries can go, from one endpoint on in their order.
 *
 * @param connect the paths of a connection from the proxy to the endpoint; their probabilities add up to 1
 */
export function attempts<E>(
  endpoints: readonly E[],
  start: number,
  probability: Fraction,
  connect: (endpoint: E) => readonly PathView[],
): readonly Attempt<E>[] {
  const most = Math.min(MOST_TRIES, endpoints.length);
  const found: Attempt<E>[] = [];
  const attempt = (number: number, before: readonly PathView[], share: Fraction): void => {
    const endpoint = endpoints[(start + number) % endpoints.length];
    if (endpoint === undefined) return;
    for (const path of connect(endpoint)) {
      const tries = [...before, path];
      const own = multiply(share, path.probability);
      const delivered = path.outcome.verdict === 'delivered';
      if (delivered || number + 1 >= most) found.push({ endpoint, tries, probability: own, delivered });
      else attempt(number + 1, tries, own);
    }
  };
  attempt(0, [], probability);
  return found;
}
