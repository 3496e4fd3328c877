/** Direct routing and tunnelling: the server answers the client itself, under the virtual address that it holds as well. */
import { describe, expect, it } from 'vitest';
import { ask, backends, loadText, outcome, run, steps } from '../../seeds/support.ts';

const VIRTUAL = '10.1.0.100';

type Server = { readonly devices?: string; readonly sysctls?: string };

/** One segment: a client, a director with the virtual address, and a server. */
function machines(flag: '-g' | '-i', { devices = '', sysctls = '' }: Server): string {
  return `apiVersion: nettrace/v1alpha1
kind: Host
metadata: {name: client}
spec:
  interfaces: [{name: eth0, segment: lan, addresses: [10.1.0.2/24]}]
---
apiVersion: nettrace/v1alpha1
kind: Host
metadata: {name: director}
spec:
  interfaces: [{name: eth0, segment: lan, addresses: [10.1.0.1/24, ${VIRTUAL}/32]}]
  sysctls: {net.ipv4.ip_forward: "1"}
  ipvs: |
    -A -t ${VIRTUAL}:80 -s rr
    -a -t ${VIRTUAL}:80 -r 10.1.0.11:8080 ${flag}
---
apiVersion: nettrace/v1alpha1
kind: Host
metadata: {name: server}
spec:
  interfaces:
    - {name: eth0, segment: lan, addresses: [10.1.0.11/24]}
${devices}
  sysctls: {net.ipv4.conf.all.arp_ignore: "1", net.ipv4.conf.all.arp_announce: "2"${sysctls}}
  listen: [80/tcp, 8080/tcp]
`;
}

const HOLDS_IT = `    - {name: dummy0, kind: dummy, addresses: [${VIRTUAL}/32]}`;
const TAKES_IT_APART = `    - {name: tunl0, kind: ipip, addresses: [${VIRTUAL}/32]}`;
const UNTIED = ', net.ipv4.conf.all.rp_filter: "0", net.ipv4.conf.tunl0.rp_filter: "0"';

const trace = (flag: '-g' | '-i', server: Server) =>
  ask(loadText(machines(flag, server)), 'client', `${VIRTUAL}:80`, {});

describe('direct routing', () => {
  it('the packet goes to the server as it is, and the port of the server counts for nothing', () => {
    const traced = trace('-g', { devices: HOLDS_IT });
    expect(outcome(traced)).toBe('delivered connected');
    expect(backends(traced)).toEqual([`1 ${VIRTUAL}:80`]);
    expect(traced.paths[0]?.sourceSeen).toBe('10.1.0.2');
  });

  it('the answer does not pass the director', () => {
    const [path] = trace('-g', { devices: HOLDS_IT }).paths;
    expect(path?.hops.map(({ node }) => node)).toEqual(['client', 'director', 'server']);
    expect(path?.reply?.hops.map(({ node }) => node)).toEqual(['server', 'client']);
    expect(path?.ttl).toBe(64);
  });

  it('a server that does not hold the address sends the packet on or away', () => {
    expect(trace('-g', {}).result.verdict).toBe('dropped');
  });
});

describe('tunnelling', () => {
  it('the packet comes inside one of the director', () => {
    const traced = trace('-i', { devices: TAKES_IT_APART, sysctls: UNTIED });
    expect(outcome(traced)).toBe('delivered connected');
    expect(traced.paths[0]?.reply?.hops.map(({ node }) => node)).toEqual(['server', 'client']);
    expect(steps(traced).some(({ phase }) => phase === 'encapsulate')).toBe(true);
  });

  it('a server without a tunnel device does not know the protocol', () => {
    expect(trace('-i', { devices: HOLDS_IT }).result.verdict).not.toBe('delivered');
  });

  it('the strict filter of the reverse path wants the way back by the tunnel', () => {
    const sysctls = ', net.ipv4.conf.all.rp_filter: "1"';
    expect(outcome(trace('-i', { devices: TAKES_IT_APART, sysctls }))).toBe('dropped timeout RPF_MISMATCH');
  });

  it('of another kind is refused where it stands', async () => {
    const text = machines('-i', {}).replace('10.1.0.11:8080 -i', '10.1.0.11:8080 -i --tun-type gue');
    const ran = await run(['validate', '-f', 'l.yaml'], { 'l.yaml': text });
    expect(ran.code).toBe(65);
    expect(ran.stderr).toMatch(/l\.yaml:15:\d+: error: tunnels of GUE and GRE are not modelled/);
  });
});
