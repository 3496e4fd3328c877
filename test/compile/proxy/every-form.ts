/** Every form of a Service at once, in both families: the input of the golden rule sets of each mode. */
import type { Endpoint, Service } from '../../../src/cluster/objects.ts';
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
  /** What is special about the endpoint of a node. */
  readonly endpoint?: (node: string) => Partial<Endpoint>;
};

/** What a Pod that is being deleted still does. */
const ENDING: Partial<Endpoint> = { ready: false, serving: true, terminating: true };

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
  'balanced-by-name': {
    on: 'both',
    type: 'LoadBalancer',
    ports: [servicePort(80, { nodePort: 30012 })],
    // An address that another machine answers for, or a name alone, makes no rule.
    loadBalancerIps: [{ ip: ip('192.0.2.98'), mode: 'Proxy' }],
  },
  'external-local': {
    on: 'both',
    externalTrafficPolicy: 'Local',
    ports: [servicePort(80)],
    externalIps: [ip('198.51.100.13'), ip('2001:db8:1::13')],
  },
  'external-local-elsewhere': {
    on: 'node2',
    externalTrafficPolicy: 'Local',
    ports: [servicePort(80)],
    externalIps: [ip('198.51.100.14'), ip('2001:db8:1::14')],
  },
  'guarded-elsewhere': {
    on: 'both',
    type: 'LoadBalancer',
    externalTrafficPolicy: 'Local',
    healthCheckNodePort: 32015,
    ports: [servicePort(80, { nodePort: 30015 })],
    loadBalancerIps: [
      { ip: ip('192.0.2.15'), mode: 'VIP' },
      { ip: ip('2001:db8:2::15'), mode: 'VIP' },
    ],
    loadBalancerSourceRanges: [prefix('203.0.113.0/24'), prefix('2001:db8:8::/64')],
  },
  headless: { on: 'both', headless: true, ports: [servicePort(80)] },
  hinted: { on: 'both', ports: [servicePort(80)], endpoint: (node) => ({ hintNodes: [node] }) },
  'inner-local-outside': {
    on: 'both',
    type: 'NodePort',
    internalTrafficPolicy: 'Local',
    ports: [servicePort(80, { nodePort: 30018 })],
  },
  named: { on: 'none', type: 'ExternalName', externalName: 'example.com', ports: [servicePort(80)] },
  'node-local': {
    on: 'both',
    type: 'NodePort',
    externalTrafficPolicy: 'Local',
    ports: [servicePort(80, { nodePort: 30020 })],
  },
  'node-local-elsewhere': {
    on: 'node2',
    type: 'NodePort',
    externalTrafficPolicy: 'Local',
    ports: [
      servicePort(80, { nodePort: 30021, name: 'web' }),
      servicePort(53, { nodePort: 30021, name: 'dns', protocol: 'UDP' }),
      servicePort(99, { nodePort: 30021, name: 'signal', protocol: 'SCTP' }),
    ],
  },
  'other-port': { on: 'both', ports: [servicePort(80, { targetPort: 8080 })] },
  'sticky-local': {
    on: 'both',
    type: 'NodePort',
    externalTrafficPolicy: 'Local',
    ports: [servicePort(80, { nodePort: 30023 })],
    sessionAffinity: { kind: 'ClientIP', timeoutSeconds: 10800 },
  },
  terminating: { on: 'both', ports: [servicePort(80)], endpoint: () => ENDING },
  'terminating-here': {
    on: 'both',
    type: 'NodePort',
    externalTrafficPolicy: 'Local',
    ports: [servicePort(80, { nodePort: 30025 })],
    endpoint: (node) => (node === 'node1' ? ENDING : {}),
  },
  unready: { on: 'both', ports: [servicePort(80)], endpoint: () => ({ ready: false, serving: false }) },
};

function addressesOf(place: number): Service['clusterIps'] {
  return [ip(`172.30.0.${place}`), ip(`fd00:30::${place}`)];
}

/** @param proxy settings beside the Pod networks */
export function everyForm(proxy: Partial<ProxySettings> = {}): ClusterInput {
  const services = Object.entries(FORMS).map(([name, { on: _, endpoint: __, ...fields }], index) =>
    service({
      namespace: 'ns',
      name,
      clusterIps: fields.headless || fields.type === 'ExternalName' ? [] : addressesOf(index + 1),
      ...fields,
    }),
  );
  const slices = services.flatMap((of) => {
    const on = FORMS[of.name]?.on ?? 'none';
    const nodes = on === 'both' ? ['node1', 'node2'] : on === 'none' ? [] : [on];
    const place = (node: string): number => Number(node.slice(-1));
    const special = (node: string): Partial<Endpoint> => ({ node, ...FORMS[of.name]?.endpoint?.(node) });
    return [
      slice(
        of,
        nodes.map((node) => endpoint(`10.180.${place(node)}.1`, special(node))),
      ),
      slice(
        of,
        nodes.map((node) => endpoint(`fd00:10:0:${place(node)}::1`, special(node))),
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
