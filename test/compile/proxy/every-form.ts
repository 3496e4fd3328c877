/** Every form of a Service at once, in both families: the input of the golden rule sets of each mode. */
import type { Service } from '../../../src/cluster/objects.ts';
import type { ProxySettings } from '../../../src/cluster/settings.ts';
import {
  type ClusterInput,
  endpoint,
  ip,
  nodeSettings,
  prefix,
  service,
  servicePort,
  slice,
} from '../cluster-fixture.ts';

type Form = Omit<Partial<Service>, 'name' | 'namespace' | 'clusterIps'> & {
  readonly on: 'none' | 'node1' | 'node2' | 'both';
};

/** Names say what is special about them; the order is that of the rules. */
const FORMS: Readonly<Record<string, Form>> = {
  affinity: { on: 'both', ports: [servicePort(80)], sessionAffinity: { kind: 'ClientIP', timeoutSeconds: 600 } },
  balanced: {
    on: 'node1',
    type: 'LoadBalancer',
    ports: [servicePort(80, { nodePort: 30001 })],
    loadBalancerIps: [
      { ip: ip('192.0.2.1'), mode: 'VIP' },
      { ip: ip('2001:db8:2::1'), mode: 'VIP' },
      { ip: ip('192.0.2.99'), mode: 'Proxy' },
    ],
  },
  'balanced-local': {
    on: 'node1',
    type: 'LoadBalancer',
    externalTrafficPolicy: 'Local',
    healthCheckNodePort: 32000,
    ports: [servicePort(80, { nodePort: 30002 })],
    loadBalancerIps: [
      { ip: ip('192.0.2.2'), mode: 'VIP' },
      { ip: ip('2001:db8:2::2'), mode: 'VIP' },
    ],
  },
  'balanced-local-elsewhere': {
    on: 'node2',
    type: 'LoadBalancer',
    externalTrafficPolicy: 'Local',
    healthCheckNodePort: 32001,
    ports: [servicePort(80, { nodePort: 30003 })],
    loadBalancerIps: [
      { ip: ip('192.0.2.3'), mode: 'VIP' },
      { ip: ip('2001:db8:2::3'), mode: 'VIP' },
    ],
  },
  empty: {
    on: 'none',
    type: 'LoadBalancer',
    ports: [servicePort(80, { nodePort: 30004 })],
    externalIps: [ip('198.51.100.4'), ip('2001:db8:1::4')],
    loadBalancerIps: [
      { ip: ip('192.0.2.4'), mode: 'VIP' },
      { ip: ip('2001:db8:2::4'), mode: 'VIP' },
    ],
    loadBalancerSourceRanges: [prefix('203.0.113.0/24')],
  },
  external: { on: 'both', ports: [servicePort(80)], externalIps: [ip('198.51.100.5'), ip('2001:db8:1::5')] },
  guarded: {
    on: 'node1',
    type: 'LoadBalancer',
    ports: [servicePort(80, { nodePort: 30006 })],
    loadBalancerIps: [
      { ip: ip('192.0.2.6'), mode: 'VIP' },
      { ip: ip('2001:db8:2::6'), mode: 'VIP' },
    ],
    loadBalancerSourceRanges: [prefix('192.168.1.0/24'), prefix('203.0.113.0/24'), prefix('2001:db8:9::/64')],
  },
  'inner-local': { on: 'both', ports: [servicePort(80)], internalTrafficPolicy: 'Local' },
  'inner-local-elsewhere': { on: 'node2', ports: [servicePort(80)], internalTrafficPolicy: 'Local' },
  many: {
    on: 'both',
    type: 'NodePort',
    ports: [
      servicePort(53, { name: 'dns', protocol: 'UDP', nodePort: 30008 }),
      servicePort(53, { name: 'dns-tcp', nodePort: 30008 }),
      servicePort(99, { name: 'signal', protocol: 'SCTP', nodePort: 30009 }),
    ],
  },
  plain: { on: 'both', ports: [servicePort(80)] },
};

/** @param proxy settings beside the Pod networks */
export function everyForm(proxy: Partial<ProxySettings> = {}): ClusterInput {
  const services = Object.entries(FORMS).map(([name, { on: _, ...fields }], index) =>
    service({
      namespace: 'ns',
      name,
      clusterIps: [ip(`172.30.0.${index + 1}`), ip(`fd00:30::${index + 1}`)],
      ...fields,
    }),
  );
  const slices = services.flatMap((of) => {
    const on = FORMS[of.name]?.on ?? 'none';
    const nodes = on === 'both' ? ['node1', 'node2'] : on === 'none' ? [] : [on];
    const place = (node: string): number => Number(node.slice(-1));
    return [
      slice(
        of,
        nodes.map((node) => endpoint(`10.180.${place(node)}.1`, { node })),
      ),
      slice(
        of,
        nodes.map((node) => endpoint(`fd00:10:0:${place(node)}::1`, { node })),
      ),
    ];
  });
  return {
    services,
    slices,
    proxy: { clusterCIDRs: [prefix('10.180.0.0/16'), prefix('fd00:10::/48')], ...proxy },
    settings: {
      podCIDRs: [prefix('10.180.0.0/16'), prefix('fd00:10::/48')],
      serviceCIDRs: [prefix('172.30.0.0/16'), prefix('fd00:30::/112')],
      nodes: [1, 2].map((n) =>
        nodeSettings(`node${n}`, `192.168.1.${n}/24`, { secondAddress: prefix(`2001:db8:9::${n}/64`) }),
      ),
    },
  };
}
