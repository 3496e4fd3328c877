import { describe, expect, it } from 'vitest';
import { applyIptablesCommand } from '../../../src/kernel/netfilter/iptables-command.ts';
import type { Ruleset } from '../../../src/kernel/netfilter/ruleset.ts';
import { parseIptablesSave, printIptablesSave } from '../../../src/kernel/netfilter/save-format.ts';

const BEFORE = [
  '*filter',
  ':X - [0:0]',
  '-A INPUT -p tcp -j X',
  '-A INPUT -p udp -j ACCEPT',
  '-A X -j RETURN',
  'COMMIT',
].join('\n');

function standing(): Ruleset {
  const result = parseIptablesSave(BEFORE, { family: 4, file: 'before', line: 1 });
  if (!result.ok) throw new Error('bad test');
  return result.value;
}

/** The text after the command without its frame, or the problem. */
function outcomeOf(line: string): readonly string[] | string {
  const result = applyIptablesCommand(standing(), line, { family: 4, file: 'f', line: 3, column: 4 });
  if (!result.ok)
    return result.issues
      .map(({ at, message, hint }) => `${at?.line}:${at?.column} ${message}${hint === undefined ? '' : ` (${hint})`}`)
      .join('; ');
  return printIptablesSave(result.value)
    .split('\n')
    .filter((text) => /^(-A|:(?!FORWARD|OUTPUT)|\*nat|:POST.*DROP)/.test(text));
}

const SAME = [
  ':INPUT ACCEPT [0:0]',
  ':X - [0:0]',
  '-A INPUT -p tcp -j X',
  '-A INPUT -p udp -j ACCEPT',
  '-A X -j RETURN',
];
const [policy = '', chain = '', first = '', second = '', third = ''] = SAME;

describe('applyIptablesCommand', () => {
  it.each([
    ['-A INPUT -j DROP', [policy, chain, first, second, '-A INPUT -j DROP', third]],
    ['-I INPUT 1 -p 4 -j DROP', [policy, chain, '-A INPUT -p ipencap -j DROP', first, second, third]],
    ['-I INPUT -j DROP', [policy, chain, '-A INPUT -j DROP', first, second, third]],
    ['-I INPUT 3 -j DROP', [policy, chain, first, second, '-A INPUT -j DROP', third]],
    ['-D INPUT 1', [policy, chain, second, third]],
    ['-D INPUT -p 17 -j ACCEPT', [policy, chain, first, third]],
    ['-R INPUT 2 -j DROP', [policy, chain, first, '-A INPUT -j DROP', third]],
    ['-P INPUT DROP', [':INPUT DROP [0:0]', ...SAME.slice(1)]],
    ['-N W', [policy, ':W - [0:0]', ...SAME.slice(1)]],
    ['-F INPUT', [policy, chain, third]],
    ['-F', [policy, chain]],
    ['-Z', SAME],
    ["iptables -w -t filter -A X -m comment --comment 'two words'", [...SAME, '-A X -m comment --comment "two words"']],
    ['iptables -A INPUT -t filter -j DROP', [policy, chain, first, second, '-A INPUT -j DROP', third]],
  ])('%s', (line, expected) => {
    expect(outcomeOf(line)).toEqual(expected);
  });

  it('opens a table that was not there', () => {
    expect(outcomeOf('-t nat -A POSTROUTING -j MASQUERADE')).toEqual([
      ...SAME,
      '*nat',
      ':PREROUTING ACCEPT [0:0]',
      ':INPUT ACCEPT [0:0]',
      ':POSTROUTING ACCEPT [0:0]',
      '-A POSTROUTING -j MASQUERADE',
    ]);
  });

  it('deletes a chain that is empty and not jumped to', () => {
    const emptied = applyIptablesCommand(standing(), '-F', { family: 4, file: 'f', line: 1 });
    const deleted = emptied.ok
      ? applyIptablesCommand(emptied.value, '-X X', { family: 4, file: 'f', line: 1 })
      : emptied;
    const all = emptied.ok ? applyIptablesCommand(emptied.value, '-X', { family: 4, file: 'f', line: 1 }) : emptied;
    expect(deleted.ok && deleted.value.get('filter')?.chains.has('X')).toBe(false);
    expect(all.ok && all.value.get('filter')?.chains.size).toBe(3);
  });

  it('leaves the rule set it was given as it was', () => {
    const ruleset = standing();
    applyIptablesCommand(ruleset, '-F', { family: 4, file: 'f', line: 1 });
    expect(ruleset.get('filter')?.chains.get('INPUT')?.rules()).toHaveLength(2);
  });

  it.each([
    ['-A INPUT --bad', '3:14 unknown option "--bad"'],
    ['-A INPTU -j DROP', '3:8 table filter has no chain "INPTU" (INPUT)'],
    ['-I INPUT 4 -j DROP', '3:14 "4" is not a rule number from 1 to 3'],
    ['-D INPUT 0', '3:14 "0" is not a rule number from 1 to 2'],
    ['-D INPUT -j DROP', '3:14 chain INPUT has no such rule: -j DROP'],
    ['-P X DROP', '3:8 X is no built-in chain and has no policy'],
    ['-P INPUT REJECT', '3:14 "REJECT" is not a policy (ACCEPT or DROP)'],
    ['-t nat -P PREROUTING DROP', '3:26 the nat table is not for filtering (ACCEPT)'],
    ['-N X', '3:8 chain X exists already'],
    ['-N LOG', '3:8 "LOG" is the name of a target'],
    ['-N TEE', '3:8 "TEE" is the name of a target'],
    ['-X X', '3:8 chain X is not empty (-F X before it)'],
    ['-X INPUT', '3:8 INPUT is a built-in chain'],
    ['-X', '3:5 chain X is not empty or is jumped to (-F before it)'],
    ['-A', '3:7 -A needs the name of a chain'],
    ['-t nta -A INPUT', '3:8 there is no table "nta" (nat)'],
    ['-L', '3:5 "-L" is not a command (one of -A -I -D -R -P -N -F -X -Z)'],
    ['', '3:1 the command is empty'],
    ["-A X -m comment --comment 'open", '3:31 a quote is opened and not closed'],
    ['-A X -j X', '3:5 table filter: "-A X -j X" closes a loop of jumps'],
    [
      '-A INPUT -j SNAT --to-source 10.0.0.1',
      '3:5 table filter: "-A INPUT -j SNAT --to-source 10.0.0.1" is refused: SNAT may stand in table nat only',
    ],
  ])('refuses %s', (line, problem) => {
    expect(outcomeOf(line)).toBe(problem);
  });
});
