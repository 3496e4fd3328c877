/** Clusters with Calico from manifests, as a user writes them, and what their nodes get. */
import type { Cluster } from '../../../../src/cluster/cluster.ts';
import { compileCalico } from '../../../../src/compile/cni/calico/calico.ts';
import { OriginTable } from '../../../../src/compile/origin.ts';
import type { Parts } from '../../../../src/compile/parts.ts';
import { buildRuleset } from '../../../../src/kernel/netfilter/build-ruleset.ts';
import { printIptablesSave } from '../../../../src/kernel/netfilter/save-format.ts';
import { load, node } from '../../../cluster/load.ts';

const NODES = `
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {nodeName: n1, serviceAccountName: cashier, containers: [{name: c, ports: [{name: http, containerPort: 8080}]}]}
status: {podIP: 10.244.0.10}
---
apiVersion: v1
kind: Pod
metadata: {name: db, namespace: pay, labels: {app: db}}
spec: {nodeName: n1, containers: [{name: c, ports: [{name: sql, containerPort: 5432}]}]}
status: {podIP: 10.244.0.20}
---
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {team: shop}}
---
apiVersion: v1
kind: Namespace
metadata: {name: pay, labels: {team: pay}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: cashier, namespace: shop, labels: {may: pay}}
---
apiVersion: v1
kind: Service
metadata: {name: db, namespace: pay}
spec: {selector: {app: db}, ports: [{port: 5432, targetPort: sql}]}
`;

/** Two Pods on node n1: shop/web (service account cashier) and pay/db; and what the manifests add. */
export function clusterWith(manifests: string, calicoVersion = '3.31'): Cluster {
  const loaded = load(`${NODES}---\n${manifests}`, {
    calicoVersion,
    cni: {
      plugin: 'calico',
      calico: {
        encapsulation: 'none',
        blockSize: 26,
        natOutgoing: true,
        bgp: { asNumber: 64512, nodeToNodeMesh: true },
      },
    },
    nodes: [node('n1', '192.168.1.1/24')],
  });
  if (!loaded.ok) throw new Error(loaded.issues.map(({ message }) => message).join('\n'));
  return loaded.value.cluster;
}

export function nodeParts(cluster: Cluster): Parts {
  return compileCalico({ cluster, origins: new OriginTable() }).node('n1');
}

/** As iptables-save prints a table, without the comments that carry hashes; only rules of chains that are wanted. */
export function savedRules(cluster: Cluster, table: string, wanted: RegExp): readonly string[] {
  const { iptables } = nodeParts(cluster);
  if (iptables === undefined) throw new Error('no rules');
  const text = printIptablesSave(buildRuleset([iptables], undefined, 4));
  const start = text.indexOf(`*${table}\n`);
  return text
    .slice(start, text.indexOf('COMMIT', start))
    .split('\n')
    .filter((line) => line.startsWith('-A ') && wanted.test(line))
    .map((line) => line.replace(/-m comment --comment "cali:[\w-]{16}" /, '').replace(/^-A \S+ /, ''));
}
