import { describe, expect, it } from 'vitest';
import { parseOneLine, parseOutcome } from '../../src/suite/one-line.ts';
import { parseTruthTable } from '../../src/suite/truth-table.ts';

describe('a test in one line', () => {
  it.each<readonly [row: string, text: string, expected: unknown]>([
    [
      'names two ends and a verdict',
      'frontend -> backend:8080: delivered',
      { from: ['frontend'], to: ['backend:8080'], except: [], protocol: 'tcp', expect: { verdict: 'delivered' } },
    ],
    [
      'leaves sources out and asks for a code',
      '* -> db:5432 except api, ops: dropped POLICY_INGRESS_NO_MATCH timeout',
      {
        from: ['*'],
        to: ['db:5432'],
        except: ['api', 'ops'],
        protocol: 'tcp',
        expect: { verdict: 'dropped', code: 'POLICY_INGRESS_NO_MATCH', symptom: 'timeout' },
      },
    ],
    [
      'takes lists and a protocol',
      'a, b -> 10.96.0.10:53, ns/dns:53 udp: delivered ttl=62',
      {
        from: ['a', 'b'],
        to: ['10.96.0.10:53', 'ns/dns:53'],
        except: [],
        protocol: 'udp',
        expect: { verdict: 'delivered', ttl: 62 },
      },
    ],
    [
      'takes a URL',
      'host/outside -> http://shop.io:8080/x: http-404',
      {
        from: ['host/outside'],
        to: ['http://shop.io:8080/x'],
        except: [],
        protocol: 'tcp',
        expect: { symptom: 'http-404' },
      },
    ],
  ])('%s', (_, text, expected) => {
    expect(parseOneLine(text)).toEqual({ ok: true, value: expected });
  });

  it.each([
    ['a b:80: delivered', 'expected SOURCE -> DESTINATION'],
    ['a -> b:80', 'expected SOURCE -> DESTINATION'],
    ['a -> : delivered', 'expected SOURCE -> DESTINATION'],
    ['a -> b:80 tpc: delivered', '"b:80 tpc" is no end; protocols: tcp, udp, sctp, icmp'],
    ['a -> b:80 except c except d: delivered', '"except" may stand once'],
    ['a -> b:80: deliverd', '"deliverd" is no verdict, code or symptom (did you mean delivered?)'],
    ['a -> b:80: delivered dropped', '"dropped": verdict is said twice'],
  ])('%s is refused', (text, message) => {
    const parsed = parseOneLine(text);
    expect(parsed.ok ? '' : parsed.message).toContain(message);
  });

  it('expects something', () => {
    expect(parseOutcome(' ')).toMatchObject({ ok: false });
  });
});

describe('a truth table', () => {
  const web = { from: 'web', to: 'api:80', verdict: 'delivered' };
  it.each<readonly [row: string, text: string, expected: readonly unknown[]]>([
    ['with a corner', 'from/to api:80 db:1\nweb . X\n', [web, { from: 'web', to: 'db:1', verdict: 'blocked' }]],
    ['without one, and with cells that are not asked', '  api:80 db:1\nweb . -\n', [web]],
  ])('%s', (_, text, expected) => {
    const parsed = parseTruthTable(text);
    expect(parsed.ok ? parsed.value.map(({ line: _line, ...cell }) => cell) : parsed.message).toEqual(expected);
  });

  it.each([
    ['', 'expected a line of destinations'],
    ['a b\n', 'expected a line of destinations'],
    ['api:80 db:1\nweb .\n', 'has 1 marks for 2 destinations'],
    ['from/to api:80\nweb ?\n', '"?" is no mark (known: . X -)'],
    ['from/to api:80\nweb -\n', 'the table asks nothing'],
  ])('%j is refused', (text, message) => {
    const parsed = parseTruthTable(text);
    expect(parsed.ok ? '' : parsed.message).toContain(message);
  });
});
