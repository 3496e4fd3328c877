/** Rules and rule sets as the real nft 1.0.6 listed them (recorded): what went in is listed so, and what was listed stays. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseRule } from '../../../src/kernel/nftables/parse-rule.ts';
import { parseNftables } from '../../../src/kernel/nftables/parse-ruleset.ts';
import { printRule } from '../../../src/kernel/nftables/print-rule.ts';
import { printNftables } from '../../../src/kernel/nftables/print-ruleset.ts';

const here = (name: string) => new URL(name, import.meta.url);

/** A line as it was given to nft in a table of family inet, and below it how nft lists it. */
const RULES = readFileSync(here('rules.txt'), 'utf8')
  .trimEnd()
  .split(/\n(?!\t)/)
  .map((pair) => pair.split('\n\t'))
  .map(([given = '', listed = '']) => ({ given, listed }));

const reprint = (text: string): string => printRule(parseRule({ text }, 'inet'));

describe('rules', () => {
  it('are many', () => expect(RULES.length).toBeGreaterThan(200));
  it.each(RULES)('$given', ({ given, listed }) => {
    expect(reprint(given)).toBe(listed);
    expect(reprint(listed)).toBe(listed);
  });
});

const LISTINGS = readdirSync(here('listings'));

describe('whole rule sets', () => {
  it.each(LISTINGS)('%s is read and printed as nft lists it', (name) => {
    const text = readFileSync(here(`listings/${name}`), 'utf8');
    const parsed = parseNftables(text, { file: name });
    expect(parsed.ok ? printNftables(parsed.value) : parsed.issues).toBe(text);
  });
});

describe('files for nft -f', () => {
  const list = (text: string) => {
    const parsed = parseNftables(text, { file: 'input' });
    return parsed.ok
      ? printNftables(parsed.value)
      : parsed.issues.map(({ message, at }) => `${at?.line}:${at?.column} ${message}`);
  };
  it('know comments, flush, one-line blocks and the commands add and insert', () => {
    expect(
      list(`#!/usr/sbin/nft -f
flush ruleset
table inet filter { chain input { type filter hook input priority 0; policy drop; iif lo accept; } }
add rule inet filter input tcp dport { ssh, 80 } accept # two
insert rule inet filter input ct state vmap { established : accept, related : accept, invalid : drop }
add set inet filter allowed { type ipv4_addr; flags interval; }
add element inet filter allowed { 10.0.0.0/8, 192.0.2.1 }
add chain inet filter other
add rule inet filter other ip saddr @allowed return`),
    ).toBe(`table inet filter {
	set allowed {
		type ipv4_addr
		flags interval
		elements = { 10.0.0.0/8, 192.0.2.1 }
	}

	chain input {
		type filter hook input priority filter; policy drop;
		ct state vmap { invalid : drop, established : accept, related : accept }
		iif "lo" accept
		tcp dport { 22, 80 } accept
	}

	chain other {
		ip saddr @allowed return
	}
}
`);
  });
  it.each([
    ['table ip t {\n chain c {\n  accept\n', '3:9 expected "}", found the end'],
    ['tabel ip t { }', '1:1 expected a table or a command, found "tabel"'],
    ['table ip t {\n set s { type ipv4_adr; }\n}', '2:15 expected a type that nettrace knows, found "ipv4_adr"'],
    [
      'table ip t {\n set s { type ipv4_addr; elements = { 10.0.0.300 } }\n}',
      '2:39 expected a value of type ipv4_addr',
    ],
    ['table ip t {\n chain c { type filter hook inptu priority 0; }\n}', '2:29 expected the name of a hook'],
    ['table ip t { chain c { jump d } }', 'no chain d to jump to'],
    ['table ip t { chain c { ip saddr @s drop } }', 'there is no set @s'],
    ['table ip t { chain a { jump b }\n chain b { goto a } }', 'chain a leads back to itself'],
    ['table ip t { chain n { type nat hook forward priority 0; } }', 'type nat is not possible at hook forward'],
    ['add element ip t s { 1.1.1.1 }', '1:18 there is no set s'],
  ])('%j is refused with its place', (text, message) => {
    expect(String(list(text))).toContain(message);
  });
  it('know variables, also sets of sets', () => {
    expect(
      list(`define wan = eth0
define web = { 80, 443 }
define all = { $web, 8080 }
table inet f {
  set admins { type ipv4_addr; elements = { 192.0.2.1 } }
  chain input { type filter hook input priority 0
    iifname $wan tcp dport $all accept
    iifname != $wan ip saddr @admins tcp dport $web accept
  }
}`),
    ).toBe(`table inet f {
	set admins {
		type ipv4_addr
		elements = { 192.0.2.1 }
	}

	chain input {
		type filter hook input priority filter; policy accept;
		iifname "eth0" tcp dport { 80, 443, 8080 } accept
		iifname != "eth0" ip saddr @admins tcp dport { 80, 443 } accept
	}
}
`);
    expect(String(list('table ip t { chain c { ip saddr $nobody drop } }'))).toContain(
      '1:33 there is no variable $nobody',
    );
  });
  it('a rule that is not understood keeps its words and its place', () => {
    const text = `table ip t {
	chain c {
		type filter hook input priority filter; policy accept;
		ip saddr 10.0.0.1 socket transparent 1 accept
		frobnicate the packet
	}
}
`;
    expect(list(text)).toBe(text);
  });
  it('deep nesting and long rules end in time', () => {
    expect(list(`table ip t { chain c { ${'( '.repeat(2000)}`)).toBeTypeOf('object');
    expect(list(`table ip t { chain c { ${'frob ip '.repeat(20_000)} } }`)).toContain('frob ip');
  });
});
