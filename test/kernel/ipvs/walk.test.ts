/** IPVS on machines outside any cluster: a director between a client and its servers, written as ipvsadm -Sn. */
import { describe, expect, it } from 'vitest';
import { say } from '../../../src/explain/language.ts';
import type { Query } from '../../../src/query/query.ts';
import { ask, backends, loadText, outcome, run, steps } from '../../seeds/support.ts';

type Machines = {
  readonly ipvs: string;
  readonly iptables?: string;
  readonly sysctls?: string;
  readonly gateway?: string;
};

function text({ ipvs, iptables = '', sysctls = '', gateway = '10.2.0.1' }: Machines): string {
  const block = (key: string, lines: string): string =>
    lines === ''
      ? ''
      : `  ${key}: |\n${lines
          .trim()
          .split('\n')
          .map((line) => `    ${line.trim()}\n`)
          .join('')}`;
  const server = (name: string, ip: string, listen: string): string => `---
apiVersion: nettrace/v1alpha1
kind: Host
metadata: {name: ${name}}
spec:
  interfaces: [{name: eth0, segment: back, addresses: [${ip}/24]}]
  routes: ["default via ${gateway} dev eth0"]
  listen: [${listen}]
`;
  return `apiVersion: nettrace/v1alpha1
kind: Host
metadata: {name: client}
spec:
  interfaces: [{name: eth0, segment: front, addresses: [10.1.0.2/24]}]
  routes: ["default via 10.1.0.1 dev eth0"]
---
apiVersion: nettrace/v1alpha1
kind: Host
metadata: {name: director}
spec:
  interfaces:
    - {name: eth0, segment: front, addresses: [10.1.0.1/24]}
    - {name: eth1, segment: back, addresses: [10.2.0.1/24]}
  sysctls: {net.ipv4.ip_forward: "1"${sysctls}}
${block('ipvs', ipvs)}${block('iptables', iptables)}${server('s1', '10.2.0.11', '8080/tcp, 53/udp, 99/tcp')}${server('s2', '10.2.0.12', '8080/tcp, 99/tcp')}`;
}

function traced(machines: Machines, destination = '10.1.0.1:80', more: Partial<Query> = {}, source = 'client') {
  return ask(loadText(text(machines)), source, destination, more);
}

const WEB = `-A -t 10.1.0.1:80 -s rr
-a -t 10.1.0.1:80 -r 10.2.0.11:8080 -m -w 1
-a -t 10.1.0.1:80 -r 10.2.0.12:8080 -m -w 1`;

describe('a director', () => {
  it('gives every server its share, and the answer comes back under the address that was asked', () => {
    const trace = traced({ ipvs: WEB });
    expect(outcome(trace)).toBe('delivered connected');
    expect(backends(trace)).toEqual(['0.5 10.2.0.11:8080', '0.5 10.2.0.12:8080']);
    // What comes back through IPVS is forwarded: one hop.
    expect(trace.paths.map((path) => [path.ttl, path.reply?.verdict])).toEqual([
      [63, 'delivered'],
      [63, 'delivered'],
    ]);
  });

  it('weights decide, and a server of weight 0 gets nothing', () => {
    const ipvs = `-A -t 10.1.0.1:80 -s wrr
-a -t 10.1.0.1:80 -r 10.2.0.11:8080 -m -w 3
-a -t 10.1.0.1:80 -r 10.2.0.12:8080 -m -w 1
-a -t 10.1.0.1:80 -r 10.2.0.13:8080 -m -w 0`;
    expect(backends(traced({ ipvs }))).toEqual(['0.75 10.2.0.11:8080', '0.25 10.2.0.12:8080']);
  });

  it('mh by the port has one server for the port that is asked about, and any where NAT draws the port', () => {
    const ipvs = `-A -t 10.1.0.1:80 -s mh -b mh-port
-a -t 10.1.0.1:80 -r 10.2.0.11:8080 -m -w 1
-a -t 10.1.0.1:80 -r 10.2.0.12:8080 -m -w 1`;
    expect(backends(traced({ ipvs }))).toHaveLength(1);
    const behindNat = text({ ipvs }).replace(
      'spec:',
      'spec:\n  iptables: |\n    *nat\n    -A POSTROUTING -j MASQUERADE --random-fully\n    COMMIT',
    );
    const found = backends(ask(loadText(behindNat), 'client', '10.1.0.1:80'));
    // 4093 entries of the table for two servers.
    expect(found.map((words) => words.replace(/(0\.\d\d)\d*/, '$1'))).toEqual([
      '0.49 10.2.0.11:8080',
      '0.50 10.2.0.12:8080',
    ]);
  });

  it.each([
    ['no server', '-A -t 10.1.0.1:80 -s rr'],
    ['servers of weight 0 alone', '-A -t 10.1.0.1:80 -s rr\n-a -t 10.1.0.1:80 -r 10.2.0.11:8080 -m -w 0'],
  ])('%s: port unreachable', (_, ipvs) => {
    const trace = traced({ ipvs });
    expect(outcome(trace)).toBe('rejected refused NETFILTER_RULE_REJECT');
    expect(trace.paths[0]?.answer).toMatchObject({ kind: 'icmp', type: 3, code: 3, from: '10.1.0.1' });
    expect(say(trace.result.summary, 'en')).toBe(
      'A rule in ipvs/INPUT on director rejects the packet to 10.1.0.1: -A -t 10.1.0.1:80 -s rr',
    );
  });

  it("other ports are the director's own", () => {
    expect(outcome(traced({ ipvs: WEB }, '10.1.0.1:81'))).toBe('rejected refused SOCKET_NOT_LISTENING');
  });

  it('a mark stands for a service: every port of the address goes to the same port of a server', () => {
    const trace = traced(
      {
        ipvs: '-A -f 7 -s rr\n-a -f 7 -r 10.2.0.11:0 -m\n-a -f 7 -r 10.2.0.12:0 -m',
        iptables: '*mangle\n-A PREROUTING -d 10.1.0.1 -j MARK --set-mark 7\nCOMMIT',
      },
      '10.1.0.1:99',
    );
    expect(outcome(trace)).toBe('delivered connected');
    expect(backends(trace)).toEqual(['0.5 10.2.0.11:99', '0.5 10.2.0.12:99']);
  });

  it('one-packet scheduling keeps no connection: nothing translates the answer back', () => {
    const trace = traced({ ipvs: '-A -u 10.1.0.1:53 -s rr -o\n-a -u 10.1.0.1:53 -r 10.2.0.11:53 -m' }, '10.1.0.1:53', {
      protocol: 'udp',
    });
    expect(outcome(trace)).toBe('dropped timeout NAT_REPLY_ASYMMETRIC');
  });

  it('servers that answer past the director lose the answer', () => {
    const trace = traced({ ipvs: WEB, gateway: '10.2.0.99' });
    expect(trace.result.verdict).toBe('dropped');
  });
});

describe('with Netfilter', () => {
  const forward = (...rules: readonly string[]): string =>
    `*filter\n${rules.map((rule) => `-A OUTPUT -p tcp ${rule}\n`).join('')}COMMIT`;

  it.each([
    ['--vaddr 10.1.0.1 --vport 80 --vmethod MASQ', 'dropped'],
    ['--vaddr 10.1.0.1 --vport 81', 'delivered'],
    // Its direction is conntrack's, which knows nothing of it without net.ipv4.vs.conntrack.
    ['--ipvs --vdir ORIGINAL', 'delivered'],
    ['--vproto udp', 'delivered'],
    ['! --ipvs', 'delivered'],
  ])('-m ipvs %s knows the connection', (words, verdict) => {
    const trace = traced({ ipvs: WEB, iptables: forward(`-m ipvs ${words} -j DROP`) });
    expect(trace.result.verdict).toBe(verdict);
  });

  const MASQUERADE = '*nat\n-A POSTROUTING -o eth1 -j MASQUERADE\nCOMMIT';
  it.each([
    ['1', '10.2.0.1'],
    // Without net.ipv4.vs.conntrack the connection of IPVS is none of conntrack's: nothing translates it.
    ['0', '10.1.0.2'],
  ])('net.ipv4.vs.conntrack %s: the server sees %s', (value, seen) => {
    const trace = traced({ ipvs: WEB, iptables: MASQUERADE, sysctls: `, net.ipv4.vs.conntrack: "${value}"` });
    expect(trace.paths.map(({ sourceSeen }) => sourceSeen)).toEqual([seen, seen]);
  });

  it('a rule in INPUT stands before IPVS', () => {
    const trace = traced({ ipvs: WEB, iptables: '*filter\n-A INPUT -p tcp --dport 80 -j DROP\nCOMMIT' });
    expect(trace.result.code).toBe('NETFILTER_RULE_DROP');
    expect(steps(trace).some(({ action }) => action.startsWith('IPVS'))).toBe(false);
  });
});

describe('the text of a Host', () => {
  it('is printed back by nettrace show ipvs', async () => {
    const ran = await run(['show', 'ipvs', 'director', '-f', 'l.yaml'], { 'l.yaml': text({ ipvs: WEB }) });
    expect(ran.stdout).toContain('TCP  10.1.0.1:80 rr\n  -> 10.2.0.11:8080');
  });

  it('a mistake has its line', async () => {
    const ran = await run(['validate', '-f', 'l.yaml'], { 'l.yaml': text({ ipvs: '-A -t 10.1.0.1:80 -s rrr' }) });
    expect(ran.code).toBe(65);
    expect(ran.stderr).toMatch(/l\.yaml:17:\d+: error:.*rrr/);
  });
});
