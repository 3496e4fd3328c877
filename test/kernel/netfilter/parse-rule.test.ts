import { describe, expect, it } from 'vitest';
import { ArgumentError } from '../../../src/kernel/netfilter/arguments.ts';
import { MATCHES } from '../../../src/kernel/netfilter/matches/index.ts';
import { parseRule } from '../../../src/kernel/netfilter/parse-rule.ts';
import type { OriginId } from '../../../src/kernel/origin.ts';
import { brand } from '../../../src/lib/brand.ts';
import { fakeEnv } from './fake-env.ts';
import { reprint, ruleOf, wordsOf } from './parse.ts';
import { RULE_ROWS } from './rule-rows.ts';
import { WRONG_RULES } from './wrong-rules.ts';

function errorOf(rule: string, family: 4 | 6 = 4): ArgumentError {
  try {
    ruleOf(rule, family);
  } catch (error) {
    if (error instanceof ArgumentError) return error;
    throw error;
  }
  throw new Error(`no error: ${rule}`);
}

describe('parseRule', () => {
  it.each(RULE_ROWS)('reads $rule', ({ rule, printed, family }) => {
    expect(reprint(rule, family)).toBe(printed);
    expect(reprint(printed, family)).toBe(printed);
  });

  it('has a row for every match module', () => {
    const missing = MATCHES.filter(
      ({ name }) => !RULE_ROWS.some(({ printed }) => new RegExp(`-m ${name}( |$)`).test(printed)),
    );
    // Extensions this machine cannot load: see UNLOADABLE in save-format.system.test.ts.
    expect(missing.map(({ name }) => name)).toEqual(['ipvs', 'nfacct']);
  });

  it('has a row for every option of every match module', () => {
    const spelled = RULE_ROWS.flatMap(({ rule }) => wordsOf(rule));
    const missing = MATCHES.filter(({ name }) => name !== 'ipvs' && name !== 'nfacct').flatMap(({ name, options }) =>
      [...new Set([...options.values()].map((form) => form.name))]
        .filter((option) => !spelled.includes(option) && !canonical(option))
        .map((option) => `${name} ${option}`),
    );
    expect(missing).toEqual([]);
    function canonical(option: string): boolean {
      return RULE_ROWS.some(({ printed }) => wordsOf(printed).includes(option));
    }
  });

  it.each([
    ['-m ipvs --ipvs'],
    ['-m ipvs ! --ipvs'],
    ['-m ipvs --vproto 6 --vaddr 10.96.0.0/12 --vport 80 --vdir ORIGINAL --vmethod MASQ --vportctl 21'],
    ['-m ipvs ! --vaddr 10.0.0.1 ! --vmethod GATE'],
    ['-m nfacct --nfacct-name a-name'],
    ['-m foo --bar x ! --baz'],
    ['-m foo --bar x ! --baz -m mark --mark 0x1 -j ACCEPT'],
    ['-m foo --quoted "two words" -j X'],
    ['-p dccp -m dccp --dport 5 -j FOO --with options'],
  ])('keeps %s as it is', (rule) => {
    expect(reprint(rule)).toBe(rule);
  });

  it.each(WRONG_RULES)('refuses $rule: $message', ({ rule, family, message, hint }) => {
    const error = errorOf(rule, family);
    expect({ message: error.message, hint: error.hint }).toEqual({ message, hint });
    expect(error.at).toBeLessThanOrEqual(wordsOf(rule).length);
  });

  it.each([
    ['-s 010.0.0.1', 1, 'such as 10.0.0.0/8'],
    ['-s 1.1.1.1,2.2.2.2', 1, 'one rule for each address'],
    ['-p tcp --dprt 80', 2, '--dport, --dst, --sport'],
    ['-m conntrack --ctstate ESTABLISHD', 3, 'ESTABLISHED'],
    ['-p tcp -m tcp --tcp-flags SYN,AKC SYN', 5, 'ACK'],
    ['-p icmp -m icmp --icmp-type echo-requst', 5, 'echo-request'],
    ['-m addrtype --dst-type LOCL', 3, 'LOCAL'],
    ['-p tpc', 1, 'tcp'],
    ['-p tcp --dport htp', 3, 'ftp, http, ntp'],
    ['-m mark --mark 1 -j REJEKT', 5, 'REJECT'],
    ['-j X -m comment --comment a --bad', 6, undefined],
    ['-p tcp --dport=http:ssh', 2, 'such as 80 or 1000:2000'],
    ['--dport=80', 0, '-m sctp, -m tcp, -m udp'],
  ])('points at the wrong word of %s and tells what is near', (rule, at, hint) => {
    const error = errorOf(rule);
    expect([error.at, error.hint]).toEqual([at, hint]);
  });

  it.each([
    [
      '-j DNAT -m comment --comment x --to-destination 10.0.0.1:80 -p tcp',
      '-p tcp -m comment --comment x -j DNAT --to-destination 10.0.0.1:80',
    ],
    [
      '-j REJECT -p tcp -m comment --comment x --reject-with tcp-reset',
      '-p tcp -m comment --comment x -j REJECT --reject-with tcp-reset',
    ],
    ['-j MARK --set-xmark 0x1/0x1 -m comment --comment x', '-m comment --comment x -j MARK --set-xmark 0x1/0x1'],
    ['-j MASQUERADE -s 10.0.0.0/8 --random-fully', '-s 10.0.0.0/8 -j MASQUERADE --random-fully'],
    ['-c 5 420 -p tcp -j X', '-p tcp -j X'],
    ['-4 -s 10.0.0.1', '-s 10.0.0.1/32'],
  ])('takes the words in any order: %s', (rule, printed) => {
    expect(reprint(rule)).toBe(printed);
  });

  it('refuses an option in the wrong family', () => {
    expect(errorOf('-s 10.0.0.1', 6).message).toContain('not an IPv6 address');
    expect(errorOf('-m icmp6 --icmpv6-type 1').hint).toBe('-m icmp');
    expect(errorOf('-6 -s 10.0.0.1').message).toBe('-6 in rules of IPv4');
  });

  it.each([
    ['PREROUTING', '-o eth0'],
    ['INPUT', '-o eth0'],
    ['OUTPUT', '-i eth0'],
    ['POSTROUTING', '-i eth0'],
  ])('refuses in %s: %s', (chain, rule) => {
    expect(() => parseRule({ args: wordsOf(rule) }, { family: 4, chain })).toThrow(`cannot stand in chain ${chain}`);
  });

  it('takes every unknown name for a chain when it is not told which there are', () => {
    const { target } = parseRule({ args: ['-j', 'NO-SUCH'] }, { family: 4 });
    expect(target.fire(fakeEnv())).toEqual({ kind: 'jump', chain: 'NO-SUCH' });
  });

  it.each([['a b'], ['-x'], ['!x'], ['a"b'], ['12345678901234567890123456789'], ['']])(
    'refuses the chain name %j',
    (name) => {
      expect(() => parseRule({ args: ['-j', name] }, { family: 4 })).toThrow('is not a chain name');
    },
  );

  it('repeats no control character in a message', () => {
    for (const rule of [
      '-p \u001b[31m',
      '\u001b[31m',
      '--\u001b[31m',
      '-j \u001b[31m',
      '-i \u001b[31m',
      '-m mark --mark \u001b',
    ]) {
      expect(errorOf(rule).message).not.toContain('\u001b');
    }
  });

  it('hands the origin on', () => {
    const origin = brand<OriginId>(7);
    expect(parseRule({ args: ['-j', 'ACCEPT'], origin }, { family: 4 }).origin).toBe(origin);
    expect('origin' in ruleOf('-j ACCEPT')).toBe(false);
  });

  it('tells what a rule can match at all', () => {
    const narrows = ruleOf('-d 10.96.0.1/32 -p tcp -m comment --comment x -m tcp --dport 443 -j X').matches.map(
      (match) => match.narrows,
    );
    expect(narrows).toEqual([
      { protocol: 6, dst: { addr: 0x0a600001, bits: 32 } },
      undefined,
      { protocol: 6, dport: 443 },
    ]);
    expect(ruleOf('! -d 10.96.0.1/32 ! -p tcp').matches[0]?.narrows).toEqual({});
    expect(ruleOf('-p udp -m udp ! --dport 53').matches[1]?.narrows).toBeUndefined();
  });
});
