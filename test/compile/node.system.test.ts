/** A node with everything on it: the real iptables takes the compilers' words, and prints the rules as we do. */
import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import type { Cluster } from '../../src/cluster/cluster.ts';
import type { CniSettings } from '../../src/cluster/settings.ts';
import { bridge } from '../../src/compile/cni/bridge/index.ts';
import { flannel } from '../../src/compile/cni/flannel/index.ts';
import { compileDockerHost } from '../../src/compile/docker/compile-docker-host.ts';
import { compileNode } from '../../src/compile/node.ts';
import { OriginTable } from '../../src/compile/origin.ts';
import { PROXY_MODES } from '../../src/compile/proxy/index.ts';
import { buildRuleset } from '../../src/kernel/netfilter/build-ruleset.ts';
import { printIptablesSave } from '../../src/kernel/netfilter/save-format.ts';
import { netnsId } from '../../src/kernel/netns-id.ts';
import { missingTools } from '../kernel/netfilter/system.ts';
import { clusterOf, endpoint, ip, nodeSettings, pod, prefix, service, servicePort, slice } from './cluster-fixture.ts';
import { restoreText } from './listing.ts';

const reason = missingTools('unshare', 'iptables-legacy-restore', 'ip6tables-legacy-restore', 'iptables-legacy-save');

const FLANNEL: CniSettings = { plugin: 'flannel', flannel: { backend: 'vxlan' } };
const BRIDGE: CniSettings = { plugin: 'bridge', bridge: { name: 'cni0', ipMasq: true, hairpinMode: true } };

function clusterWith(cni: CniSettings): Cluster {
  const both = { clusterIps: [ip('172.30.0.41'), ip('fd00:30::41')] };
  const services = [
    service({
      ...both,
      namespace: 'ns',
      name: 'plain',
      ports: [
        servicePort(80),
        servicePort(53, { name: 'dns', protocol: 'UDP' }),
        servicePort(99, { name: 's', protocol: 'SCTP' }),
      ],
    }),
    service({
      ...both,
      namespace: 'ns',
      name: 'empty',
      ports: [servicePort(81, { nodePort: 30001 })],
      externalIps: [ip('80.11.12.11'), ip('2001:db8:1::1')],
    }),
    service({
      ...both,
      namespace: 'ns',
      name: 'sticky',
      ports: [servicePort(82)],
      sessionAffinity: { kind: 'ClientIP', timeoutSeconds: 10800 },
    }),
    service({
      ...both,
      namespace: 'ns',
      name: 'balanced',
      type: 'LoadBalancer',
      externalTrafficPolicy: 'Local',
      ports: [servicePort(83, { nodePort: 30003 })],
      loadBalancerIps: [{ ip: ip('192.168.1.240'), mode: 'VIP' }],
      loadBalancerSourceRanges: [prefix('192.168.1.0/24'), prefix('203.0.113.0/25')],
      healthCheckNodePort: 30004,
    }),
    service({ ...both, namespace: 'ns', name: 'inner', ports: [servicePort(84)], internalTrafficPolicy: 'Local' }),
  ];
  const addresses = [
    ['10.244.0.2', '10.244.0.10', '10.244.1.7'],
    ['fd00:10::2', 'fd00:10::3'],
  ];
  const slices = services
    .filter(({ name }) => name !== 'empty')
    .flatMap((of) =>
      addresses.map((list) =>
        slice(
          of,
          list.map((address) => endpoint(address, { node: of.name === 'inner' ? 'node2' : 'node1' })),
        ),
      ),
    );
  const pods = [
    pod({
      namespace: 'ns',
      name: 'web-0',
      ips: [ip('10.244.0.2'), ip('fd00:10::2')],
      ports: [
        { port: 80, protocol: 'TCP', hostPort: 8080 },
        { port: 53, protocol: 'UDP', hostPort: 53, hostIp: ip('192.168.1.1') },
      ],
    }),
    pod({
      namespace: 'ns',
      name: 'web-1',
      ips: [ip('10.244.0.3'), ip('fd00:10::3')],
      ports: [{ port: 80, protocol: 'TCP', hostPort: 8081 }],
    }),
  ];
  const nodes = [
    nodeSettings('node1', '192.168.1.1/24', { podCIDR: prefix('10.244.0.0/24') }),
    nodeSettings('node2', '192.168.1.2/24', { podCIDR: prefix('10.244.1.0/24') }),
  ];
  return clusterOf({
    services,
    slices,
    pods,
    settings: { cni, nodes, podCIDRs: [prefix('10.244.0.0/16'), prefix('fd00:10::/64')] },
    proxy: { clusterCIDRs: [prefix('10.244.0.0/16'), prefix('fd00:10::/64')] },
  });
}

function node1(cni: CniSettings) {
  const cluster = clusterWith(cni);
  const origins = new OriginTable();
  const docker = compileDockerHost(
    {
      name: 'node1',
      netns: netnsId('node1'),
      networks: [{ name: 'back', icc: false }],
      containers: [
        {
          name: 'c',
          netns: netnsId('c'),
          network: 'bridge',
          publish: [
            { protocol: 'udp', hostPort: 9001, containerPort: 91 },
            { protocol: 'tcp', hostPort: 9000, hostIp: ip('192.168.1.1'), containerPort: 90 },
          ],
          listeners: [],
        },
      ],
    },
    origins,
  );
  const [node] = cluster.settings.nodes;
  if (node === undefined || !docker.ok) throw new Error('no node');
  return compileNode({
    cluster,
    node,
    cni: (cni.plugin === 'flannel' ? flannel : bridge).forCluster(cluster, origins),
    proxy: PROXY_MODES.iptables.forCluster(cluster, origins),
    origins,
    docker: docker.value.host,
  });
}

/** What the real iptables-save says after the real iptables-restore. */
function throughLinux(text: string, command: string): readonly string[] {
  const script = `${command}-restore --test <<'END'\n${text}END\n${command}-restore <<'END'\n${text}END\n${command}-save`;
  return rulesOf(execFileSync('unshare', ['-n', 'bash', '-ec', script], { encoding: 'utf8' }));
}

/** Without comments and counters, tables in alphabetical order. */
function rulesOf(save: string): readonly string[] {
  const tables = save
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.replace(/ \[\d+:\d+\]$/, ''))
    .join('\n')
    .split(/^(?=\*)/m);
  return tables.sort().flatMap((table) => table.trim().split('\n'));
}

describe.skipIf(reason !== undefined)(
  `a node and the real iptables${reason === undefined ? '' : ` (skipped: ${reason})`}`,
  () => {
    it.each([
      { name: 'flannel', cni: FLANNEL },
      { name: 'the bridge plugin', cni: BRIDGE },
    ])('accepts the rules of a node with $name, and saves them as we print them', ({ cni }) => {
      const { iptables, ip6tables } = node1(cni);
      for (const [specs = [], family, command] of [
        [iptables, 4, 'iptables-legacy'],
        [ip6tables, 6, 'ip6tables-legacy'],
      ] as const) {
        const printed = printIptablesSave(buildRuleset(specs, undefined, family));
        expect(throughLinux(restoreText(specs), command)).toEqual(rulesOf(printed));
        expect(throughLinux(printed, command)).toEqual(rulesOf(printed));
      }
    });
  },
);
