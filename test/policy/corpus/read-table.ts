/** The lines `#| …` at the head of a case: a truth table over every pair of ends. */
import type { Row } from '../../seeds/by-policies.ts';

const DEFAULT_OUTSIDE = '203.0.113.7';

type Rule = {
  readonly source: string;
  readonly destination: string;
  readonly port: string | undefined;
  readonly verdict: 'allow' | 'deny';
};

/**
 * `ports 80 53/udp` and `outside ADDRESS…` say what is asked; `SOURCE -> DESTINATION[:PORT] allow|deny` what is expected,
 * where later lines win and everything not named is allowed. Ends are `NAME` of the default namespace, `NAMESPACE/NAME`,
 * addresses, and patterns: `*` is everybody, `prod/*` every Pod of a namespace, and a star on either side every Pod.
 */
export function readTable(text: string, pods: readonly string[]): readonly Row[] {
  const lines = text.split('\n').flatMap((line) => (line.startsWith('#| ') ? [line.slice(3).trim()] : []));
  const words = (first: string): readonly string[] | undefined =>
    lines
      .find((line) => line.startsWith(`${first} `))
      ?.split(' ')
      .slice(1);
  const ports = words('ports');
  if (ports === undefined) throw new Error('the case asks for no port');
  const outside = words('outside') ?? [DEFAULT_OUTSIDE];
  const rules = lines.flatMap((line) => (/^(ports|outside) /.test(line) ? [] : [readRule(line)]));
  for (const { source, destination } of rules) {
    for (const pattern of [source, destination]) {
      if (![...pods, ...outside].some((end) => fits(pattern, end))) throw new Error(`nobody is ${pattern}`);
    }
  }
  const ends = [...pods, ...outside];
  return ends.flatMap((source) =>
    ends
      .filter((destination) => source !== destination && (source.includes('/') || destination.includes('/')))
      .flatMap((destination) => ports.map((port) => rowOf(source, destination, port, rules))),
  );
}

function readRule(line: string): Rule {
  const found = /^(\S+) -> ([^\s:]+)(?::(\S+))? (allow|deny)$/.exec(line);
  const [, source = '', destination = '', port, verdict] = found ?? [];
  if (verdict !== 'allow' && verdict !== 'deny') throw new Error(`no line of a table: ${line}`);
  return { source, destination, port, verdict };
}

function rowOf(source: string, destination: string, asked: string, rules: readonly Rule[]): Row {
  const rule = rules.findLast(
    (each) => fits(each.source, source) && fits(each.destination, destination) && (each.port ?? asked) === asked,
  );
  const [port, protocol = 'tcp'] = asked.split('/');
  if (protocol !== 'tcp' && protocol !== 'udp' && protocol !== 'sctp') throw new Error(`no port: ${asked}`);
  return [source, destination, Number(port), protocol, rule?.verdict ?? 'allow'];
}

function fits(pattern: string, end: string): boolean {
  if (pattern === '*') return true;
  if (pattern === '*/*') return end.includes('/');
  const full = pattern.includes('/') || /^[\d.]+$/.test(pattern) ? pattern : `default/${pattern}`;
  return full.endsWith('/*') ? end.startsWith(full.slice(0, -1)) : full === end;
}
