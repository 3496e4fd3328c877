import { describe, expect, test } from 'vitest';
import {
  action,
  appendedRulesOf,
  type FelixRule,
  match,
  renderChain,
} from '../../../../src/compile/cni/calico/felix-rule.ts';
import { OriginTable } from '../../../../src/compile/origin.ts';

const origin = new OriginTable().mint({ role: 'plumbing', kind: 'Cluster', name: 'lab' });

function comments(name: string, rules: readonly Omit<FelixRule, 'origin'>[]): readonly (string | undefined)[] {
  return renderChain({ name, rules: rules.map((rule) => ({ ...rule, origin })) }).map(({ args }) => args[3]);
}

/** Comments that iptables-save shows on real machines (issues of aws/amazon-vpc-cni-k8s and kubernetes, Calico 3.0 to 3.28). */
describe('the comment of a rule is the one that Felix gives it', () => {
  test.each<[string, string, readonly Omit<FelixRule, 'origin'>[], readonly string[]]>([
    ['nat cali-OUTPUT', 'cali-OUTPUT', [{ action: action.jump('cali-fip-dnat') }], ['cali:GBTAv2p5CwevEyJm']],
    ['nat cali-PREROUTING', 'cali-PREROUTING', [{ action: action.jump('cali-fip-dnat') }], ['cali:r6XmIziWUJsdOK6Z']],
    [
      'nat cali-POSTROUTING',
      'cali-POSTROUTING',
      [{ action: action.jump('cali-fip-snat') }, { action: action.jump('cali-nat-outgoing') }],
      ['cali:Z-c7XtVd2Bq7s_hA', 'cali:nYKhEzDlr11Jccal'],
    ],
    [
      'filter cali-FORWARD before 3.30',
      'cali-FORWARD',
      [
        { action: action.clearMark(0xe0000) },
        { match: match.markClear(0x10000), action: action.jump('cali-from-hep-forward') },
        { match: match.inInterface('cali+'), action: action.jump('cali-from-wl-dispatch') },
        { match: match.outInterface('cali+'), action: action.jump('cali-to-wl-dispatch') },
        { action: action.jump('cali-to-hep-forward') },
        { action: action.jump('cali-cidr-block') },
      ],
      [
        'cali:vjrMJCRpqwy5oRoX',
        'cali:A_sPAO0mcxbT9mOV',
        'cali:8ZoYfO5HKXWbB3pk',
        'cali:jdEuaPBe14V2hutn',
        'cali:12bc6HljsMKsmfr-',
        'cali:NOSxoaGx8OIstr1z',
      ],
    ],
    ['the jump in FORWARD', 'FORWARD', [{ action: action.jump('cali-FORWARD') }], ['cali:wUHhoiAYhphO9Mso']],
    [
      'the rules appended to FORWARD',
      appendedRulesOf('FORWARD'),
      [
        { comments: ['Policy explicitly accepted packet.'], match: match.markSet(0x10000), action: action.accept },
        { action: action.setMark(0x10000) },
      ],
      ['cali:S93hcgKJrXEqnTfs', 'cali:mp77cMpurHhyjLrM'],
    ],
  ])('%s', (_, chain, rules, expected) => {
    expect(comments(chain, rules)).toEqual(expected);
  });
});

test('comments lose what a shell could misread', () => {
  const [rule] = renderChain({ name: 'c', rules: [{ comments: ['a"b;c\n'], action: action.drop, origin }] });
  expect(rule?.args.slice(4)).toEqual(['-m', 'comment', '--comment', 'a_b_c_', '--jump', 'DROP']);
});
