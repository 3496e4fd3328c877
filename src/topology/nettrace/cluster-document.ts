/** The Cluster document: what manifests do not say about a cluster. */
import type { FieldReader } from '../../cluster/field-reader.ts';
import { BOOLEAN, type FieldType, integer, oneOf, PREFIX, SCALAR, STRING } from '../../cluster/field-type.ts';
import { ADDRESS_RANGE } from '../../cluster/read/address-range.ts';
import type { CalicoSettings, ClusterSettings, CniSettings, ProxySettings } from '../../cluster/settings.ts';
import type { Source } from '../../cluster/source.ts';
import { defined } from '../../lib/defined.ts';
import type { Prefix } from '../../net/prefix.ts';
import type { DocumentContext } from './document-context.ts';
import { DEVICE_NAME, NAME } from './field-types.ts';
import { type NodeEntry, readNode } from './node-entry.ts';
import { cleanNetwork, readNetworks } from './read-networks.ts';

/** Only what the document says. */
export type ClusterDocument = Partial<Omit<ClusterSettings, 'name' | 'nodes' | 'bgpFaults' | 'source' | 'proxy'>> & {
  readonly name: string;
  readonly segment: string;
  readonly proxy: Partial<ProxySettings>;
  readonly nodes: readonly NodeEntry[];
  readonly source: Source;
};

export const DEFAULT_SEGMENT = 'lan';

const DNS_NAME: FieldType<string> = {
  expected: 'a DNS name such as cluster.local',
  parse: (value) =>
    typeof value === 'string' && value.length <= 253 && /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(value)
      ? value
      : undefined,
};

const VERSION: FieldType<string> = {
  expected: 'a version such as "1.34"',
  parse: (value) => {
    const text = SCALAR.parse(value);
    return text !== undefined && /^v?\d{1,3}\.\d{1,3}(\.[\w.+-]{1,40})?$/.test(text)
      ? text.replace(/^v/, '')
      : undefined;
  },
  hint: () => 'put it in quotes: bare 1.30 is the number 1.3',
};

const PORT_RANGE: FieldType<ClusterSettings['nodePortRange']> = {
  expected: 'a range of ports such as 30000-32767',
  parse: (value) => {
    const match = typeof value === 'string' ? /^(\d{1,5})-(\d{1,5})$/.exec(value) : null;
    if (match === null) return undefined;
    const [first, last] = [Number(match[1]), Number(match[2])];
    return first >= 1 && first <= last && last <= 65535 ? { first, last } : undefined;
  },
};

export function readCluster(reader: FieldReader, name: string, context: DocumentContext): ClusterDocument | undefined {
  const spec = reader.requiredObject('spec');
  reader.done();
  if (spec === undefined) return undefined;
  const segment = spec.optional('segment', NAME) ?? DEFAULT_SEGMENT;
  const podCIDRs = readNetworks(spec, 'podCIDRs');
  const serviceCIDRs = readNetworks(spec, 'serviceCIDRs');
  const document: ClusterDocument = {
    name,
    segment,
    source: reader.source,
    proxy: readProxy(spec.object('proxy')),
    nodes: spec.objects('nodes').flatMap((node) => readNode(node, segment, context) ?? []),
    ...defined({
      kubernetesVersion: spec.optional('kubernetesVersion', VERSION),
      calicoVersion: spec.optional('calicoVersion', VERSION),
      clusterDomain: spec.optional('clusterDomain', DNS_NAME),
      defaultNamespace: spec.optional('defaultNamespace', NAME),
      podCIDRs: podCIDRs.length === 0 ? undefined : podCIDRs,
      serviceCIDRs: serviceCIDRs.length === 0 ? undefined : serviceCIDRs,
      nodePortRange: spec.optional('nodePortRange', PORT_RANGE),
      cni: readCni(spec.object('cni')),
      loadBalancer: readLoadBalancer(spec.object('loadBalancer')),
    }),
  };
  spec.done();
  return document;
}

function readProxy(proxy: FieldReader | undefined): Partial<ProxySettings> {
  if (proxy === undefined) return {};
  const cidrs = proxy.optional('clusterCIDR', STRING);
  const detectLocal = proxy.object('detectLocal');
  const ipvs = proxy.object('ipvs');
  const settings: Partial<ProxySettings> = {
    ...defined({
      mode: proxy.optional('mode', oneOf('iptables', 'ipvs', 'nftables', 'none')),
      clusterCIDRs: cidrs === undefined ? undefined : readCidrList(proxy, cidrs),
      detectLocalMode: proxy.optional(
        'detectLocalMode',
        oneOf('ClusterCIDR', 'NodeCIDR', 'BridgeInterface', 'InterfaceNamePrefix', 'none'),
      ),
      bridgeInterface: detectLocal?.optional('bridgeInterface', DEVICE_NAME),
      interfaceNamePrefix: detectLocal?.optional('interfaceNamePrefix', DEVICE_NAME),
      masqueradeAll: proxy.optional('masqueradeAll', BOOLEAN),
      localhostNodePorts: proxy.optional('localhostNodePorts', BOOLEAN),
      ...readNodePortAddresses(proxy),
      randomFully: proxy.optional('randomFully', BOOLEAN),
      nfacct: proxy.optional('nfacct', BOOLEAN),
      ipvs:
        ipvs === undefined
          ? undefined
          : {
              scheduler: ipvs.optional('scheduler', oneOf(...SCHEDULERS)) ?? 'rr',
              strictARP: ipvs.optional('strictARP', BOOLEAN) ?? false,
            },
    }),
  };
  for (const part of [detectLocal, ipvs, proxy]) part?.done();
  return settings;
}

/** Ranges, or the one word `primary`. */
function readNodePortAddresses(
  proxy: FieldReader,
): Pick<Partial<ProxySettings>, 'nodePortAddresses' | 'nodePortPrimary'> {
  const raw = proxy.raw('nodePortAddresses');
  if (isPrimary(raw)) {
    proxy.ignore('nodePortAddresses');
    return { nodePortPrimary: true, nodePortAddresses: [] };
  }
  return proxy.has('nodePortAddresses') ? { nodePortAddresses: readNetworks(proxy, 'nodePortAddresses') } : {};
}

/** `["primary"]`: kube-proxy takes the word alone (KubeProxyConfiguration.nodePortAddresses). */
export function isPrimary(value: unknown): boolean {
  return Array.isArray(value) && value.length === 1 && value[0] === 'primary';
}

const SCHEDULERS = ['rr', 'wrr', 'lc', 'wlc', 'lblc', 'lblcr', 'sh', 'dh', 'sed', 'nq', 'mh'] as const;

/** kube-proxy's flag holds one CIDR, or one of each family with a comma between. */
function readCidrList(reader: FieldReader, text: string): readonly Prefix[] | undefined {
  const cidrs = text.split(',').flatMap((part) => {
    const prefix = PREFIX.parse(part.trim());
    if (prefix === undefined) {
      reader.error('wrong-value', `expected ${PREFIX.expected}`, ['clusterCIDR']);
      return [];
    }
    return [cleanNetwork(reader, prefix, ['clusterCIDR'])];
  });
  return cidrs.length === 0 ? undefined : cidrs;
}

export const DEFAULT_CALICO: CalicoSettings = {
  encapsulation: 'none',
  blockSize: 26,
  natOutgoing: true,
  bgp: { asNumber: 64512, nodeToNodeMesh: true },
};

const AS_NUMBER = integer(1, 0xffffffff);

function readCni(cni: FieldReader | undefined): CniSettings | undefined {
  if (cni === undefined) return undefined;
  const plugin = cni.optional('plugin', oneOf('calico', 'flannel', 'canal', 'bridge', 'none')) ?? 'calico';
  const settings = readPlugin(cni, plugin);
  cni.done();
  return settings;
}

function readPlugin(cni: FieldReader, plugin: CniSettings['plugin']): CniSettings {
  switch (plugin) {
    case 'calico':
      return { plugin, calico: readCalico(cni.object('calico')) };
    case 'flannel':
    case 'canal': {
      const flannel = cni.object('flannel');
      const backend = flannel?.optional('backend', oneOf('vxlan', 'host-gw', 'ipip', 'udp')) ?? 'vxlan';
      flannel?.done();
      return { plugin, flannel: { backend } };
    }
    case 'bridge': {
      const bridge = cni.object('bridge');
      const settings = {
        name: bridge?.optional('name', DEVICE_NAME) ?? 'cni0',
        ipMasq: bridge?.optional('ipMasq', BOOLEAN) ?? true,
        hairpinMode: bridge?.optional('hairpinMode', BOOLEAN) ?? true,
      };
      bridge?.done();
      return { plugin, bridge: settings };
    }
    case 'none':
      return { plugin };
  }
}

function readCalico(calico: FieldReader | undefined): CalicoSettings {
  if (calico === undefined) return DEFAULT_CALICO;
  const bgp = calico.object('bgp');
  const settings: CalicoSettings = {
    encapsulation:
      calico.optional('encapsulation', oneOf('none', 'ipip', 'ipip-cross-subnet', 'vxlan', 'vxlan-cross-subnet')) ??
      DEFAULT_CALICO.encapsulation,
    blockSize: calico.optional('blockSize', integer(20, 32)) ?? DEFAULT_CALICO.blockSize,
    natOutgoing: calico.optional('natOutgoing', BOOLEAN) ?? DEFAULT_CALICO.natOutgoing,
    bgp: {
      asNumber: bgp?.optional('asNumber', AS_NUMBER) ?? DEFAULT_CALICO.bgp.asNumber,
      nodeToNodeMesh: bgp?.optional('nodeToNodeMesh', BOOLEAN) ?? DEFAULT_CALICO.bgp.nodeToNodeMesh,
    },
  };
  bgp?.done();
  calico.done();
  return settings;
}

function readLoadBalancer(balancer: FieldReader | undefined): ClusterSettings['loadBalancer'] | undefined {
  if (balancer === undefined) return undefined;
  const provider = balancer.optional('provider', oneOf('none', 'metallb')) ?? 'none';
  const mode = balancer.optional('mode', oneOf('layer2', 'bgp')) ?? 'layer2';
  const addresses = balancer.list('addresses', ADDRESS_RANGE);
  if (provider === 'metallb' && addresses.length === 0) {
    balancer.error('missing-field', `addresses is missing: expected ${ADDRESS_RANGE.expected}`);
  }
  balancer.done();
  return provider === 'none' ? { provider } : { provider, mode, addresses };
}
