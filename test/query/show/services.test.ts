import { expect, it } from 'vitest';
import type { Service } from '../../../src/cluster/objects.ts';
import { printServices } from '../../../src/query/show/services.ts';
import { ip } from '../../explain/walk-fixture.ts';

function service(name: string, fields: Partial<Service> = {}): Service {
  return {
    kind: 'Service',
    name,
    namespace: 'default',
    labels: {},
    annotations: {},
    type: 'ClusterIP',
    clusterIps: [ip('10.96.3.4')],
    headless: false,
    selector: undefined,
    ports: [{ name: '', protocol: 'TCP', port: 80, targetPort: 80, nodePort: 0 }],
    externalIps: [],
    externalTrafficPolicy: 'Cluster',
    internalTrafficPolicy: 'Cluster',
    sessionAffinity: { kind: 'None' },
    loadBalancerIps: [],
    loadBalancerSourceRanges: [],
    healthCheckNodePort: 0,
    publishNotReadyAddresses: false,
    ...fields,
  };
}

const nodePort = [{ name: 'http', protocol: 'TCP', port: 80, targetPort: 80, nodePort: 31158 }] as const;

it('S30 S33 S36 S37: Services are listed as kubectl lists them', () => {
  const printed = printServices([
    service('kube-dns', {
      namespace: 'kube-system',
      clusterIps: [ip('10.96.0.10')],
      ports: [
        { name: 'dns', protocol: 'UDP', port: 53, targetPort: 53, nodePort: 0 },
        { name: 'dns-tcp', protocol: 'TCP', port: 53, targetPort: 53, nodePort: 0 },
      ],
    }),
    service('web', { type: 'NodePort', ports: nodePort }),
    service('waiting', { type: 'LoadBalancer', ports: nodePort }),
    service('served', {
      type: 'LoadBalancer',
      ports: nodePort,
      loadBalancerIps: [{ ip: ip('192.168.26.240'), mode: 'VIP' }],
    }),
    service('headless', { headless: true, clusterIps: [] }),
    service('outside', { type: 'ExternalName', clusterIps: [], ports: [], externalName: 'example.org' }),
  ]);
  expect(printed).toBe(`NAMESPACE     NAME       TYPE           CLUSTER-IP   EXTERNAL-IP      PORT(S)         AGE
kube-system   kube-dns   ClusterIP      10.96.0.10   <none>           53/UDP,53/TCP   <unknown>
default       web        NodePort       10.96.3.4    <none>           80:31158/TCP    <unknown>
default       waiting    LoadBalancer   10.96.3.4    <pending>        80:31158/TCP    <unknown>
default       served     LoadBalancer   10.96.3.4    192.168.26.240   80:31158/TCP    <unknown>
default       headless   ClusterIP      None         <none>           80/TCP          <unknown>
default       outside    ExternalName   <none>       example.org      <none>          <unknown>
`);
});
