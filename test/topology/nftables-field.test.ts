/** The field `nftables` of a Host: its mistakes have their places, and its rules decide. */
import { describe, expect, it } from 'vitest';
import { answerQuery } from '../../src/query/answer-query.ts';
import { show } from '../../src/query/show/show.ts';
import { loadTopology } from '../../src/topology/load.ts';

const host = (rule: string): string => `apiVersion: nettrace/v1alpha1
kind: Host
metadata: {name: box}
spec:
  interfaces:
    - {name: eth0, segment: lan, addresses: [10.0.0.1/24]}
  listen: [22/tcp, 80/tcp]
  nftables: |
    table inet filter {
      chain input {
        type filter hook input priority filter; policy drop;
        ${rule}
      }
    }
---
apiVersion: nettrace/v1alpha1
kind: Host
metadata: {name: client}
spec:
  interfaces:
    - {name: eth0, segment: lan, addresses: [10.0.0.2/24]}
`;

const load = (rule: string) => loadTopology([{ file: 'hosts.yaml', text: host(rule) }]);

function ask(rule: string, destination: string) {
  const loaded = load(rule);
  if (!loaded.ok) throw new Error(loaded.issues.map(({ message }) => message).join('\n'));
  const answer = answerQuery(loaded.value, { source: 'host/client', destination });
  if (!answer.ok) throw new Error(answer.issues.map(({ message }) => message).join('\n'));
  return answer.value;
}

describe('nftables of a Host', () => {
  it.each([
    ['tcp dport 22 accept', '10.0.0.1:22', 'delivered', null],
    ['tcp dport 22 accept', '10.0.0.1:80', 'dropped', 'NETFILTER_POLICY_DROP'],
    ['reject with icmpx admin-prohibited', '10.0.0.1:80', 'rejected', 'NETFILTER_RULE_REJECT'],
    ['tcp dport 80 drop', '10.0.0.1:80', 'dropped', 'NETFILTER_RULE_DROP'],
    ['frobnicate accept', '10.0.0.1:80', 'undetermined', undefined],
  ])('%s: %s is %s', (rule, destination, verdict, code) => {
    const { result } = ask(rule, destination);
    expect(result.verdict).toBe(verdict);
    if (code !== undefined) expect(result.code).toBe(code);
  });

  it('is shown as nft lists it', () => {
    const loaded = load('tcp dport ssh accept');
    const shown = loaded.ok ? show(loaded.value, 'nftables', 'host/box', undefined, undefined) : undefined;
    expect(shown?.ok === true ? shown.value : '').toContain('\t\ttcp dport 22 accept\n');
  });

  it('has its mistakes told with file, line and column', () => {
    const loaded = load('jump nowhere');
    expect(loaded.ok ? [] : loaded.issues.map(({ message }) => message)).toEqual([
      'chain input of table inet filter: no chain nowhere to jump to',
    ]);
    const broken = loadTopology([{ file: 'hosts.yaml', text: host('accept').replace('hook input', 'hook inptu') }]);
    expect(broken.ok ? [] : broken.issues.map(({ at, message }) => [at, message])).toEqual([
      [{ file: 'hosts.yaml', line: 11, column: 26 }, 'expected the name of a hook, found "inptu"'],
    ]);
  });
});
