/** Rows of connectivity in a cluster of IPv6 alone, where host endpoints drop messages by which neighbours are found. */
import { describe, expect, it } from 'vitest';
import { answerConnectivity } from '../../src/query/policy/connectivity-answer.ts';
import { loadText } from '../seeds/support.ts';

const CLUSTER = `apiVersion: nettrace/v1alpha1
kind: Cluster
metadata: {name: lab}
spec:
  podCIDRs: ["fd00:10:244::/56"]
  serviceCIDRs: ["fd00:10:96::/112"]
  cni: {plugin: calico, calico: {encapsulation: none}}
  nodes:
    - {name: n1, interface: eth0, address: "fd00:1::11/64", gateway: "fd00:1::1", podCIDR: "fd00:10:244:1::/122"}
    - {name: n2, interface: eth0, address: "fd00:1::12/64", gateway: "fd00:1::1", podCIDR: "fd00:10:244:2::/122"}
---
${pod('a', 'n1')}${pod('far', 'n2')}${pod('host1', 'n1', ', hostNetwork: true')}${pod('host2', 'n2', ', hostNetwork: true')}`;

function pod(name: string, node: string, more = ''): string {
  return `apiVersion: v1
kind: Pod
metadata: {name: ${name}}
spec: {nodeName: ${node}${more}, containers: [{name: c, image: c}]}
---
`;
}

const calico = (kind: string, name: string, spec: string): string => `apiVersion: projectcalico.org/v3
kind: ${kind}
metadata: {name: ${name}, labels: {role: machine}}
spec: ${spec}
---
`;
const endpoint = (node: string, device: string): string =>
  calico('HostEndpoint', node, `{node: ${node}, interfaceName: "${device}", profiles: [projectcalico-default-allow]}`);
const policy = (spec: string): string => calico('GlobalNetworkPolicy', 'machines', `{selector: has(role), ${spec}}`);

/** `a -> far` */
function sidesOf(text: string): readonly string[] {
  const { rows } = answerConnectivity(loadText(CLUSTER + text).cluster, { explain: false, exposure: false, focus: [] });
  return [...rows()].map(({ src, dst }) => `${src} -> ${dst}`.replaceAll(/default\/|\[Pod\]/g, ''));
}

describe('connectivity', () => {
  it('has no row from a node to its own Pods whose answers preDNAT policies drop', () => {
    const wildcard = endpoint('n1', '*');
    const preDnat = (rules: string): string =>
      policy(`applyOnForward: true, preDNAT: true, types: [Ingress], ingress: [${rules}]`);
    const drop = preDnat('{action: Deny, protocol: ICMPv6, icmp: {type: 136}}');
    expect(sidesOf(wildcard + preDnat('{action: Allow}'))).toContain('host1 -> a');
    expect(sidesOf(wildcard + drop)).not.toContain('host1 -> a');
    expect(sidesOf(wildcard + drop)).toContain('host2 -> far');
  });

  it('tells two machines apart by the groups at which they are asked for', () => {
    const drop = '{action: Deny, protocol: ICMPv6, destination: {nets: ["ff02::1:ff00:12/128"]}}';
    const group = policy(`types: [Ingress], ingress: [${drop}, {action: Allow}]`);
    const sides = sidesOf(endpoint('n1', 'eth0') + endpoint('n2', 'eth0') + group);
    // Who asks a machine is on no card where it is a Pod of its own.
    expect(sides.filter((each) => /host\d$/.test(each))).toEqual([
      ...['::/0 -> host1', 'a -> host1', 'far -> host1', 'far -> host2', 'host2 -> host1'],
    ]);
  });

  it('splits what is outside where the link of the nodes ends and the gateway is asked', () => {
    const gateway = policy(
      'types: [Ingress], ingress: [{action: Allow, protocol: ICMPv6, source: {nets: ["fd00:1::1/128"]}}]',
    );
    const sides = sidesOf(endpoint('n1', 'eth0') + gateway);
    expect(sides.filter((each) => each.startsWith('host1'))).toEqual([
      'host1 -> ::-fd00:0:ffff:ffff:ffff:ffff:ffff:ffff',
      // Its own Pods, which it asks for on their own devices.
      'host1 -> a',
      'host1 -> fd00:1:0:1::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
      'host1 -> fd00:1::1/128',
    ]);
  });
});
