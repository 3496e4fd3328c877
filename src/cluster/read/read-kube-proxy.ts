/** The ConfigMap kube-proxy of kubeadm: a KubeProxyConfiguration inside a string. */
import { parseDocument } from 'yaml';
import { network, type Prefix } from '../../net/prefix.ts';
import { type FieldReader, isPlainObject, ownField, type ReadContext, FieldReader as Reader } from '../field-reader.ts';
import { BOOLEAN, type FieldType, oneOf, PREFIX, STRING } from '../field-type.ts';
import type { ProxySettings } from '../settings.ts';
import type { Source } from '../source.ts';

/** What the ConfigMap says; fields that it leaves out are absent. */
export type ProxyConfig = {
  readonly settings: Partial<Omit<ProxySettings, 'ipvs'>> & { readonly ipvs?: Partial<ProxySettings['ipvs']> };
  readonly source: Source;
};

const MODE: FieldType<ProxySettings['mode']> = {
  ...oneOf('iptables', 'ipvs', 'nftables'),
  parse: (value) => (value === '' ? 'iptables' : oneOf('iptables', 'ipvs', 'nftables').parse(value)),
};
const DETECT = oneOf('ClusterCIDR', 'NodeCIDR', 'BridgeInterface', 'InterfaceNamePrefix');
/** Both families with a comma between them. */
const CIDRS: FieldType<readonly Prefix[]> = {
  expected: `${PREFIX.expected} (or two, with a comma)`,
  parse: (value) => {
    if (typeof value !== 'string') return undefined;
    const texts = value === '' ? [] : value.split(',');
    const prefixes = texts.flatMap((text) => PREFIX.parse(text.trim()) ?? []);
    return prefixes.length === texts.length ? prefixes.map(network) : undefined;
  },
};

/** undefined for any other ConfigMap. Only the fields that decide about packets are read. */
export function readKubeProxyConfig(reader: FieldReader, context: ReadContext): ProxyConfig | undefined {
  const metadata = ownField(reader.value, 'metadata');
  if (!isPlainObject(metadata) || ownField(metadata, 'name') !== 'kube-proxy') return undefined;
  if ((ownField(metadata, 'namespace') ?? 'kube-system') !== 'kube-system') return undefined;
  const text = reader.object('data')?.optional('config.conf', STRING);
  if (text === undefined) return undefined;
  const parsed = parseDocument(text, { prettyErrors: false, logLevel: 'error' });
  if (parsed.errors.length > 0) {
    reader.error('yaml-syntax', 'is not valid YAML', ['data', 'config.conf'], { what: 'key' });
    return undefined;
  }
  // Every problem inside the text is told at the key that holds the text.
  const at = reader.position(['data', 'config.conf'], 'key');
  const value: unknown = parsed.toJS({ maxAliasCount: 10 });
  const document = { file: at.file, value, locate: () => at };
  const config = Reader.open({ document, path: [] }, value, context);
  return config === undefined ? undefined : { settings: readSettings(config), source: reader.source };
}

function readSettings(config: FieldReader): ProxyConfig['settings'] {
  const iptables = config.object('iptables');
  const ipvs = config.object('ipvs');
  const detectLocal = config.object('detectLocal');
  const mode = config.optional('mode', MODE);
  const detectLocalMode = config.raw('detectLocalMode') === '' ? undefined : config.optional('detectLocalMode', DETECT);
  const clusterCIDRs = config.optional('clusterCIDR', CIDRS);
  const masqueradeAll = iptables?.optional('masqueradeAll', BOOLEAN);
  const localhostNodePorts = iptables?.optional('localhostNodePorts', BOOLEAN);
  const bridgeInterface = detectLocal?.optional('bridgeInterface', STRING);
  const interfaceNamePrefix = detectLocal?.optional('interfaceNamePrefix', STRING);
  const nodePortAddresses = config.list('nodePortAddresses', PREFIX);
  const scheduler = ipvs?.optional('scheduler', STRING);
  const strictARP = ipvs?.optional('strictARP', BOOLEAN);
  return {
    ...(mode === undefined ? {} : { mode }),
    ...(detectLocalMode === undefined ? {} : { detectLocalMode }),
    ...(clusterCIDRs === undefined || clusterCIDRs.length === 0 ? {} : { clusterCIDRs }),
    ...(masqueradeAll === undefined ? {} : { masqueradeAll }),
    ...(localhostNodePorts === undefined ? {} : { localhostNodePorts }),
    ...(bridgeInterface === undefined || bridgeInterface === '' ? {} : { bridgeInterface }),
    ...(interfaceNamePrefix === undefined || interfaceNamePrefix === '' ? {} : { interfaceNamePrefix }),
    ...(nodePortAddresses.length === 0 ? {} : { nodePortAddresses: nodePortAddresses.map(network) }),
    ipvs: {
      ...(scheduler === undefined || scheduler === '' ? {} : { scheduler }),
      ...(strictARP === undefined ? {} : { strictARP }),
    },
  };
}

/** The ConfigMap's values where the Cluster document's own `spec.proxy` says nothing. */
export function applyProxyConfig(
  base: ProxySettings,
  { settings }: ProxyConfig,
  cluster: Source | undefined,
): ProxySettings {
  const said = cluster === undefined ? undefined : writtenFields(cluster);
  const open = Object.entries(settings).filter(([name]) => name !== 'ipvs' && !said?.has(name));
  return {
    ...base,
    ...Object.fromEntries(open),
    ipvs: said?.has('ipvs') ? base.ipvs : { ...base.ipvs, ...settings.ipvs },
  };
}

/** Names of the fields that stand under spec.proxy of the Cluster document. */
function writtenFields(cluster: Source): ReadonlySet<string> {
  let value: unknown = cluster.document.value;
  for (const segment of [...cluster.path, 'spec', 'proxy']) {
    value = isPlainObject(value) ? ownField(value, String(segment)) : undefined;
  }
  const names = isPlainObject(value) ? Object.keys(value) : [];
  return new Set([...names, ...(names.includes('clusterCIDR') ? ['clusterCIDRs'] : [])]);
}
