import { describe, expect, it } from 'vitest';
import { TABLE_MAIN } from '../../src/kernel/route/route.ts';
import { printRoutes } from '../../src/kernel/route/route-text.ts';
import { printIp } from '../../src/net/address.ts';
import { printPrefix } from '../../src/net/prefix.ts';
import type { Loaded } from '../../src/topology/load.ts';
import { errorsIn, id, ip, loadText } from './load-text.ts';

function cluster(spec: string, more = ''): string {
  return `apiVersion: nettrace/v1alpha1\nkind: Cluster\nmetadata: {name: lab}\nspec: {${spec}}\n${more}`;
}

const BOTH = 'podCIDRs: [10.244.0.0/16, "fd00:10:244::/56"], serviceCIDRs: [10.96.0.0/16, "fd00:10:96::/112"]';

function nodeOf(loaded: Loaded, name = 'n1') {
  const node = loaded.cluster.settings.nodes.find((each) => each.name === name);
  return {
    addresses: [node?.address, node?.secondAddress].flatMap((each) => (each === undefined ? [] : printPrefix(each))),
    gateways: [node?.gateway, node?.secondGateway].flatMap((each) => (each === undefined ? [] : printIp(each))),
  };
}

describe('a node says its two addresses and gateways in any of these forms', () => {
  const expected = { addresses: ['10.0.0.1/24', 'fd00:1::1/64'], gateways: ['10.0.0.254', 'fd00:1::fe'] };
  it.each([
    '{name: n1, address: [10.0.0.1/24, "fd00:1::1/64"], gateway: [10.0.0.254, "fd00:1::fe"]}',
    '{name: n1, addresses: [10.0.0.1/24, "fd00:1::1/64"], gateways: [10.0.0.254, "fd00:1::fe"]}',
    '{name: n1, addresses: [10.0.0.1/24, "fd00:1::1/64"], gateway: 10.0.0.254, gateway6: "fd00:1::fe"}',
  ])('%s', (node) => {
    expect(nodeOf(loadText(cluster(`${BOTH}, nodes: [${node}]`)))).toEqual(expected);
  });

  it('the first one is the primary one', () => {
    const node = '{name: n1, address: ["fd00:1::1/64", 10.0.0.1/24], gateway: "fd00:1::fe"}';
    expect(nodeOf(loadText(cluster(`${BOTH}, nodes: [${node}]`)))).toEqual({
      addresses: ['fd00:1::1/64', '10.0.0.1/24'],
      gateways: ['fd00:1::fe'],
    });
  });

  it.each([
    ['{name: n1, address: [10.0.0.1/24, 10.0.0.2/24]}', 'may hold at most one of each family'],
    ['{name: n1, address: 10.0.0.1/24, addresses: ["fd00:1::1/64"]}', 'address and addresses must not both be given'],
    ['{name: n1, address: 10.0.0.1/24, gateway6: 10.0.0.254}', 'expected an IPv6 address'],
    [
      '{name: n1, address: [10.0.0.1/24, "fd00:1::1/64"], gateway: "fd00:1::fe", gateway6: "fd00:1::fd"}',
      'gateway names an IPv6 address already',
    ],
    [
      '{name: n1, address: [10.0.0.1/24, "fd00:1::1/64"], gateway: [10.0.0.254, "fd00:2::fe"]}',
      'gateway fd00:2::fe of node n1 is not on its network fd00:1::/64',
    ],
    ['{name: n1, podCIDRs: [10.244.0.0/24, 10.244.1.0/24]}', 'may hold at most one of each family'],
  ])('refuses %s', (node, words) => {
    expect(errorsIn(cluster(`${BOTH}, nodes: [${node}]`)).join('\n')).toContain(words);
  });
});

it.each([
  [
    '[10.96.0.0/16, 10.97.0.0/16]',
    '--service-cluster-ip-range[0] and --service-cluster-ip-range[1] must be of different IP family',
  ],
  ['[10.96.0.0/16, "fd00::/112", 10.97.0.0/16]', '--service-cluster-ip-range must not contain more than two entries'],
])('Service networks %s are refused as kube-apiserver does', (ranges, words) => {
  expect(errorsIn(cluster(`serviceCIDRs: ${ranges}, nodes: [{name: n1}]`)).join('\n')).toContain(words);
});

describe('what the input leaves out has the families of what it gives', () => {
  it('Service networks follow the Pod networks, in their order', () => {
    const { settings } = loadText(
      cluster('podCIDRs: ["fd00:10:244::/56", 10.244.0.0/16], nodes: [{name: n1}]'),
    ).cluster;
    expect(settings.serviceCIDRs.map(printPrefix)).toEqual(['fd00:10:96::/112', '10.96.0.0/12']);
  });

  it('Pod networks follow the Service networks', () => {
    const { settings } = loadText(cluster('serviceCIDRs: ["fd00:9::/112"], nodes: [{name: n1}]')).cluster;
    expect(settings.podCIDRs.map(printPrefix)).toEqual(['fd00:10:244::/56']);
    expect(nodeOf(loadText(cluster('serviceCIDRs: ["fd00:9::/112"], nodes: [{name: n1}]'))).addresses).toEqual([
      'fd00:c0:a8::b/64',
    ]);
  });

  it('a node without an address of a family gets one, with a gateway where it has one, and that is said', () => {
    const loaded = loadText(cluster(`${BOTH}, nodes: [{name: n1, address: 10.0.0.1/24, gateway: 10.0.0.254}]`));
    expect(nodeOf(loaded)).toEqual({
      addresses: ['10.0.0.1/24', 'fd00:c0:a8::b/64'],
      gateways: ['10.0.0.254', 'fd00:c0:a8::1'],
    });
    expect(loaded.notes.map(({ code }) => code)).toEqual(
      expect.arrayContaining(['NODE_NETWORK_ASSUMED', 'GATEWAY_ASSUMED']),
    );
  });

  it('Node objects say both addresses and ranges', () => {
    const text = `
apiVersion: v1
kind: Node
metadata:
  name: n1
  annotations: {projectcalico.org/IPv4Address: 10.0.0.1/24, projectcalico.org/IPv6Address: "fd00:1::1/64"}
spec: {podCIDRs: [10.244.0.0/24, "fd00:10:244::/64"]}
status: {addresses: [{type: InternalIP, address: 10.0.0.1}, {type: InternalIP, address: "fd00:1::1"}]}
`;
    const loaded = loadText(`${cluster(`${BOTH}, cni: {plugin: flannel}`)}---${text}`);
    expect(nodeOf(loaded).addresses).toEqual(['10.0.0.1/24', 'fd00:1::1/64']);
    expect(loaded.cluster.settings.nodes[0]?.blocks?.map(printPrefix)).toEqual(['10.244.0.0/24', 'fd00:10:244::/64']);
  });
});

describe('the world of a dual-stack cluster', () => {
  const loaded = loadText(
    cluster(
      `${BOTH}, nodes: [{name: n1, address: [10.0.0.1/24, "fd00:1::1/64"], gateway: [10.0.0.254, "fd00:1::fe"]}]`,
      '---\napiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {nodeName: n1, containers: []}\n',
    ),
  );

  it('the card has both addresses, and there are two default routes', () => {
    const netns = loaded.world.netns(id('n1'));
    const routes = netns.routes.get(TABLE_MAIN) ?? [];
    expect(printRoutes(routes, 4)[0]).toBe('default via 10.0.0.254 dev eth0');
    expect(printRoutes(routes, 6).at(-1)).toBe('default via fd00:1::fe dev eth0 metric 1024 pref medium');
  });

  it('the node answers for both addresses, and both are its own', () => {
    for (const address of ['10.0.0.1', 'fd00:1::1']) {
      expect(loaded.world.holdersOf(ip(address)).map(({ name }) => name)).toEqual(['n1']);
      expect(loaded.world.answering('lan', ip(address))).toEqual([{ netns: 'n1', device: 'eth0' }]);
    }
  });

  it('the implied router has both gateway addresses', () => {
    const router = loaded.world.machines.find(({ kind }) => kind === 'gateway');
    expect(router?.addresses.map(printIp)).toEqual(expect.arrayContaining(['10.0.0.254', 'fd00:1::fe']));
  });

  it('an address of the nodes given to two machines is a mistake in either family', () => {
    const host = `---
apiVersion: nettrace/v1alpha1
kind: Host
metadata: {name: twin}
spec: {interfaces: [{name: eth0, segment: lan, addresses: ["fd00:1::1/64"]}]}
`;
    const errors = errorsIn(cluster(`${BOTH}, nodes: [{name: n1, address: [10.0.0.1/24, "fd00:1::1/64"]}]`, host));
    expect(errors.join('\n')).toContain('fd00:1::1 is used twice on segment lan');
  });
});
