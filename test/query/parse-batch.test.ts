import { describe, expect, it } from 'vitest';
import { parseBatchLine } from '../../src/query/parse-batch.ts';

const defaults = { protocol: 'tcp', dns: true, reply: true, verbosity: 0 } as const;

describe('a line of a batch', () => {
  const good: readonly (readonly [string, string, object])[] = [
    ['two words', 'pod1 svc2:80', { source: 'pod1', destination: 'svc2:80', protocol: 'tcp' }],
    ['a protocol as the third word', ' pod1\t10.96.0.10:53 UDP ', { destination: '10.96.0.10:53', protocol: 'udp' }],
    [
      'an object',
      '{"source":"a","destination":"b:1","protocol":"icmp","sourcePort":7,"namespace":"n","ttl":3}',
      { source: 'a', protocol: 'icmp', sourcePort: 7, namespace: 'n', ttl: 3 },
    ],
    ['an object with a family', '{"source":"a","destination":"b","family":6}', { family: 6 }],
    ['an object with nulls', '{"source":"a","destination":"b","ttl":null}', { source: 'a', destination: 'b' }],
  ];
  it.each(good)('may be %s', (_name, line, expected) => {
    const parsed = parseBatchLine(line, defaults);
    expect(parsed).toMatchObject({ ok: true, query: expected });
  });

  const bad: readonly (readonly [string, string])[] = [
    ['pod1', 'SOURCE DESTINATION'],
    ['a b c d', 'SOURCE DESTINATION'],
    ['a b tpc', 'unknown protocol'],
    ['{"source":"a"}', 'must be strings'],
    ['{"source":"a","destination":"b","sorcePort":1}', 'did you mean sourcePort?'],
    ['{"source":"a","destination":"b","ttl":0}', 'ttl must be'],
    ['{"source":"a","destination":"b","family":"6"}', 'family must be 4 or 6'],
    ['{"source":"a","destination":"b","sourcePort":65536}', 'sourcePort must be'],
    ['{"source":"a","destination":"b","__proto__":{}}', 'unknown key'],
    ['{oops', 'not valid JSON'],
  ];
  it.each(bad)('is refused: %s', (line, message) => {
    const parsed = parseBatchLine(line, defaults);
    expect(parsed.ok).toBe(false);
    expect(parsed.ok ? '' : parsed.message).toContain(message);
  });
});
