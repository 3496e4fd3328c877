/** A cluster with a Service of each form, after TestOverallNFTablesRules of pkg/proxy/nftables/proxier_test.go. */
import type { ClusterInput } from '../../cluster-fixture.ts';
import { clusterOf, endpoint, ip, prefix, service, servicePort, slice } from '../../cluster-fixture.ts';

const port = (fields: Parameters<typeof servicePort>[1] = {}) => [servicePort(80, { name: 'p80', ...fields })];

const svc1 = service({ namespace: 'ns1', name: 'svc1', clusterIps: [ip('172.30.0.41')], ports: port() });
const svc2 = service({
  namespace: 'ns2',
  name: 'svc2',
  type: 'LoadBalancer',
  externalTrafficPolicy: 'Local',
  clusterIps: [ip('172.30.0.42')],
  ports: port({ nodePort: 30001 }),
  loadBalancerIps: [{ ip: ip('1.2.3.4'), mode: 'VIP' }],
  externalIps: [ip('192.168.99.22')],
  healthCheckNodePort: 30000,
});
const svc3 = service({
  namespace: 'ns3',
  name: 'svc3',
  type: 'NodePort',
  clusterIps: [ip('172.30.0.43')],
  ports: port({ nodePort: 30003 }),
});
const svc4 = service({
  namespace: 'ns4',
  name: 'svc4',
  type: 'NodePort',
  clusterIps: [ip('172.30.0.44')],
  ports: port(),
  externalIps: [ip('192.168.99.33')],
});
const svc5 = service({
  namespace: 'ns5',
  name: 'svc5',
  type: 'LoadBalancer',
  clusterIps: [ip('172.30.0.45')],
  ports: port({ nodePort: 30002 }),
  loadBalancerIps: [{ ip: ip('5.6.7.8'), mode: 'VIP' }],
  loadBalancerSourceRanges: [prefix('203.0.113.0/25')],
  sessionAffinity: { kind: 'ClientIP', timeoutSeconds: 10_800 },
});
const svc6 = service({ namespace: 'ns6', name: 'svc6', clusterIps: [ip('172.30.0.46')], ports: port() });
/** Two ports, one of UDP, and a policy that keeps to the node. */
const svc7 = service({
  namespace: 'ns7',
  name: 'svc7',
  clusterIps: [ip('172.30.0.47')],
  internalTrafficPolicy: 'Local',
  ports: [servicePort(53, { name: 'dns', protocol: 'UDP' }), servicePort(53, { name: 'dns-tcp' })],
});
const svc8 = service({
  namespace: 'ns8',
  name: 'svc8',
  clusterIps: [ip('fd00:10:96::8')],
  type: 'NodePort',
  ports: port({ nodePort: 30008 }),
});

const INPUT: ClusterInput = {
  services: [svc1, svc2, svc3, svc4, svc5, svc6, svc7, svc8],
  slices: [
    slice(svc1, [endpoint('10.180.0.1')]),
    slice(svc2, [endpoint('10.180.0.2')]),
    slice(svc3, [endpoint('10.180.0.3')]),
    slice(svc4, [endpoint('10.180.0.4'), endpoint('10.180.0.5', { node: 'node1' })]),
    slice(svc5, [endpoint('10.180.0.3')]),
    slice(svc7, [endpoint('10.180.0.7', { node: 'node2' })]),
    slice(svc8, [endpoint('fd00:10:180::1', { node: 'node1' }), endpoint('fd00:10:180::2')]),
  ],
  proxy: { mode: 'nftables', clusterCIDRs: [prefix('10.0.0.0/8'), prefix('fd00:10::/32')] },
  settings: {
    podCIDRs: [prefix('10.0.0.0/8'), prefix('fd00:10::/32')],
    serviceCIDRs: [prefix('172.30.0.0/16'), prefix('fd00:10:96::/112')],
  },
};

export function serviceCluster(kubernetesVersion: string, proxy: ClusterInput['proxy'] = {}) {
  return clusterOf({
    ...INPUT,
    settings: { ...INPUT.settings, kubernetesVersion },
    proxy: { ...INPUT.proxy, ...proxy },
  });
}
