/** Rules and routes that a document holds as text are blamed by their own line of the file. */
import { describe, expect, it } from 'vitest';
import { invariant } from '../../src/lib/assert.ts';
import { answerQuery } from '../../src/query/answer-query.ts';
import { loadText } from '../topology/load-text.ts';

function hosts(router: string, client = ''): string {
  return `apiVersion: nettrace/v1alpha1
kind: Host
metadata: {name: router}
spec:
  interfaces: [{name: eth0, segment: left, addresses: [10.0.1.1/24]}, {name: eth1, segment: right, addresses: [10.0.2.1/24]}]
  sysctls: {net.ipv4.ip_forward: "1"}
${router}
---
apiVersion: nettrace/v1alpha1
kind: Host
metadata: {name: client}
spec:
  interfaces: [{name: eth0, segment: left, addresses: [10.0.1.2/24]}]
  routes: [default via 10.0.1.1 dev eth0]
${client}
---
apiVersion: nettrace/v1alpha1
kind: Host
metadata: {name: server}
spec:
  interfaces: [{name: eth0, segment: right, addresses: [10.0.2.2/24]}]
  routes: [default via 10.0.2.1 dev eth0]
  listen: [80/tcp]
`;
}

describe('what stands behind a drop', () => {
  const rows: readonly { name: string; text: string; kind: string; object: string; field: string; line: string }[] = [
    {
      name: "is the line of a Host's iptables, later tables and blank lines counted",
      text: hosts(`  iptables: |
    *nat
    COMMIT

    *filter
    -A FORWARD -s 10.9.0.0/16 -j ACCEPT
    -A FORWARD -p tcp --dport 80 -j DROP
    COMMIT`),
      kind: 'Host',
      object: 'router',
      field: 'spec.iptables',
      line: '--dport 80',
    },
    {
      name: 'is the line of nftables',
      text: hosts(`  nftables: |
    table ip t {
      chain c {
        type filter hook forward priority 0; policy accept;
        ip saddr 10.9.0.0/16 accept
        tcp dport 80 drop
      }
    }`),
      kind: 'Host',
      object: 'router',
      field: 'spec.nftables',
      line: 'tcp dport 80 drop',
    },
    {
      name: 'is the line of the text where its lines do not stand below each other: quoted, as JSON has it',
      text: hosts(
        `  iptables: "*filter\\n-A FORWARD -s 10.9.0.0/16 -j ACCEPT\\n-A FORWARD -p tcp --dport 80 -j DROP\\nCOMMIT\\n"`,
      ),
      kind: 'Host',
      object: 'router',
      field: 'spec.iptables',
      line: '  iptables: "',
    },
    {
      name: 'is the first line of a folded text',
      text: hosts(`  iptables: >
    *filter

    -A FORWARD -s 10.9.0.0/16 -j ACCEPT

    -A FORWARD -p tcp --dport 80 -j DROP

    COMMIT`),
      kind: 'Host',
      object: 'router',
      field: 'spec.iptables',
      line: '*filter',
    },
    {
      name: 'is the line of a route in a list',
      text: hosts(`  routes:
    - 10.7.0.0/16 via 10.0.2.2 dev eth1
    - blackhole 10.0.2.2/32`),
      kind: 'Host',
      object: 'router',
      field: 'spec.routes',
      line: 'blackhole',
    },
    {
      name: 'is the line of a route in a text',
      text: hosts(
        '',
        `  rules: |
    100: from all to 10.9.0.0/16 lookup main
    200: from all to 10.0.2.2 lookup 55
`,
      ).replace(
        '  routes: [default via 10.0.1.1 dev eth0]\n',
        `  routes: |
    default via 10.0.1.1 dev eth0
    prohibit 10.0.2.2/32 table 55
`,
      ),
      kind: 'Host',
      object: 'client',
      field: 'spec.routes',
      line: 'prohibit',
    },
  ];
  it.each(rows)('$name', ({ text, kind, object, field, line }) => {
    const answer = answerQuery(loadText(text), { source: 'client', destination: '10.0.2.2:80' });
    invariant(answer.ok, answer.ok ? '' : answer.issues.map(({ message }) => message).join('\n'));
    expect(answer.value.result.blame?.origin).toEqual({
      kind,
      namespace: null,
      name: object,
      file: 'lab.yaml',
      line: text.split('\n').findIndex((each) => each.includes(line)) + 1,
      field,
    });
  });
});
