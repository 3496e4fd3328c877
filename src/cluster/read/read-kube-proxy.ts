/** The ConfigMap kube-proxy of kubeadm: a KubeProxyConfiguration inside a string, checked field by field. */
import { parseDocument } from 'yaml';
import { nearest } from '../../lib/nearest.ts';
import type { Decoding } from '../decode-error.ts';
import { invalid } from '../field-error.ts';
import { FieldReader, type ReadContext } from '../field-reader.ts';
import { BOOLEAN, type FieldType, oneOf, PREFIX, STRING } from '../field-type.ts';
import { isPlainObject, ownField } from '../plain-object.ts';

/** validateProxyModeLinux(). */
const MODES = {
  ...oneOf('', 'iptables', 'ipvs', 'nftables'),
  refuse: (value: unknown) => [
    invalid(
      value,
      'must be iptables, ipvs, nftables or blank (blank means the best-available proxy [currently iptables])',
    ),
  ],
};
const DETECT = oneOf('ClusterCIDR', 'NodeCIDR', 'BridgeInterface', 'InterfaceNamePrefix', '');
/**
 * The schedulers of the kernel; `''` is rr. kube-proxy has no list of them: it tries to add a virtual server with that
 * scheduler, and ends when it cannot (CanUseIPVSProxier(), platformSetup()).
 */
const SCHEDULERS = ['rr', 'wrr', 'lc', 'wlc', 'lblc', 'lblcr', 'sh', 'dh', 'sed', 'nq', 'mh'] as const;
const SCHEDULER = {
  ...oneOf('', ...SCHEDULERS),
  hint: (value: unknown) => {
    const [best] = typeof value === 'string' ? nearest(value, SCHEDULERS, 1) : [];
    return best === undefined ? `the kernel has ${SCHEDULERS.join(', ')}` : `did you mean ${best}?`;
  },
  refuse: (value: unknown) => [
    `Could not create dummy VS with scheduler ${JSON.stringify(value)}: can't use the IPVS proxier: no such file or directory`,
  ],
};
const NODE_PORT_ADDRESS: FieldType<string> = {
  refuse: (value) => [invalid(value, 'must be a valid CIDR')],
  expected: `${PREFIX.expected}, or primary alone`,
  parse: (value) =>
    typeof value === 'string' && (value === 'primary' || PREFIX.parse(value) !== undefined) ? value : undefined,
};
/** Both families with a comma between them. */
const CIDRS: FieldType<string> = {
  refuse: (value) => [invalid(value, 'must be a valid CIDR block (e.g. 10.100.0.0/16 or fde4:8dba:82e1::/48)')],
  expected: `${PREFIX.expected} (or two, with a comma)`,
  parse: (value) => {
    if (typeof value !== 'string') return undefined;
    const texts = value === '' ? [] : value.split(',');
    return texts.every((text) => PREFIX.parse(text.trim()) !== undefined) ? value : undefined;
  },
};

/**
 * Reports what is wrong with the fields that decide about packets; any other ConfigMap is passed over. The values
 * themselves become settings where the Cluster document is settled.
 */
export function checkKubeProxyConfig(reader: FieldReader, context: ReadContext): void {
  const metadata = ownField(reader.value, 'metadata');
  if (!isPlainObject(metadata) || ownField(metadata, 'name') !== 'kube-proxy') return;
  const text = reader.object('data')?.optional('config.conf', STRING);
  if (text === undefined) return;
  // Every problem inside the text is told at the key that holds the text.
  const at = reader.position(['data', 'config.conf'], 'key');
  const parsed = parseDocument(text, { prettyErrors: false, logLevel: 'error' });
  if (parsed.errors.length > 0) {
    reader.error('yaml-syntax', 'is not valid YAML', ['data', 'config.conf'], { what: 'key' });
    return;
  }
  const value: unknown = parsed.toJS({ maxAliasCount: 10 });
  const config = FieldReader.open(
    { document: { file: at.file, value, locate: () => at }, path: [] },
    value,
    context,
    CONFIGURATION,
  );
  if (config !== undefined) checkFields(config);
}

/** A Go struct as well, of which the fields' types are not told here. */
const CONFIGURATION: Decoding = {
  by: 'struct',
  type: { kind: 'struct', name: 'v1alpha1.KubeProxyConfiguration', fields: {} },
};

function checkFields(config: FieldReader): void {
  const iptables = config.object('iptables');
  const ipvs = config.object('ipvs');
  const detectLocal = config.object('detectLocal');
  config.optional('mode', MODES);
  config.optional('detectLocalMode', DETECT);
  config.optional('clusterCIDR', CIDRS);
  config.list('nodePortAddresses', NODE_PORT_ADDRESS);
  iptables?.optional('masqueradeAll', BOOLEAN);
  iptables?.optional('localhostNodePorts', BOOLEAN);
  detectLocal?.optional('bridgeInterface', STRING);
  detectLocal?.optional('interfaceNamePrefix', STRING);
  ipvs?.optional('scheduler', SCHEDULER);
  ipvs?.optional('strictARP', BOOLEAN);
}
