import { describe, expect, it } from 'vitest';
import { answerQuery } from '../../src/query/answer-query.ts';
import type { PathView } from '../../src/query/trace.ts';
import { load } from '../seeds/support.ts';

const loaded = load('calico-ipip', 'policies/s66.yaml');

/** Everything but the hops. */
function withoutHops(path: PathView): unknown {
  return { ...path, hops: [], reply: path.reply === null ? null : { ...path.reply, hops: [] } };
}

describe('a question without steps', () => {
  it.each([
    ['delivered', 'pod1', '10.111.123.194:80'],
    ['dropped by a policy', 'pod1', 'svc1:80'],
    ['refused', 'pod2', 'pod1:81'],
  ])('has the same outcome as one with steps where it is %s', (_, source, destination) => {
    const full = answerQuery(loaded, { source, destination });
    const short = answerQuery(loaded, { source, destination, steps: false });
    if (!full.ok || !short.ok) throw new Error('both must be answered');
    expect(short.value.result).toEqual(full.value.result);
    expect(short.value.paths).toEqual(full.value.paths.map(withoutHops));
    expect(short.value.stats).toEqual(full.value.stats);
  });
});
