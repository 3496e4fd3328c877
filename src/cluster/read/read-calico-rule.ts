/** Rules of Calico's policies and profiles (validator/v3: validateRule, validateEntityRule). */
import { familyOf } from '../../net/address.ts';
import { network, type Prefix } from '../../net/prefix.ts';
import type { FieldReader } from '../field-reader.ts';
import { hostBitsMessage, integer, oneOf, PREFIX, STRING, withoutHostBits } from '../field-type.ts';
import { DNS_LABEL } from '../names.ts';
import type { CalicoEntityRule, CalicoIcmp, CalicoProtocol, CalicoRule } from '../policy/calico-policy.ts';
import { REFUSED_WORDS } from '../policy/refused-rule.ts';
import { CALICO_PORT, CALICO_PROTOCOL } from './calico-field-type.ts';
import { readCalicoSelector } from './read-calico-selector.ts';

const ACTION = oneOf('Allow', 'Deny', 'Log', 'Pass');
const IP_VERSION = integer(4, 6);
const ICMP_TYPE = integer(0, 254);
const ICMP_CODE = integer(0, 255);
const WITH_PORTS = ['TCP', 'UDP', 'SCTP'];

export type RulePlace = {
  readonly direction: 'ingress' | 'egress';
  /** Of the policy; undefined where it has none, and a Service must then say its own. */
  readonly namespace: string | undefined;
  /** A profile's rules may not pass on. */
  readonly pass: boolean;
};

export function readCalicoRule(reader: FieldReader, place: RulePlace): CalicoRule | undefined {
  const action = reader.required('action', ACTION);
  const ipVersion = reader.optional('ipVersion', IP_VERSION);
  const protocol = reader.optional('protocol', CALICO_PROTOCOL);
  const notProtocol = reader.optional('notProtocol', CALICO_PROTOCOL);
  const icmp = readIcmp(reader, 'icmp');
  const notIcmp = readIcmp(reader, 'notICMP');
  const from = readEntity(reader, 'source', place);
  const to = readEntity(reader, 'destination', place);
  const http = readHttp(reader, action, protocol);
  const metadata = reader.object('metadata');
  const annotations = metadata?.stringMap('annotations') ?? {};
  metadata?.done();
  reader.done();
  if (ipVersion === 5) reader.error('wrong-value', 'expected 4 or 6, got 5', ['ipVersion']);
  checkProtocol(reader, protocol, notProtocol, ipVersion);
  if (protocol !== undefined && notProtocol !== undefined) {
    const message = `iptables refuses protocol beside notProtocol (${REFUSED_WORDS}): Felix cannot program the chain`;
    reader.warn('refused-rule', message, ['notProtocol']);
  }
  checkVersions(reader, from, to, ipVersion);
  if (action === 'Pass' && !place.pass) reader.error('wrong-value', 'a profile cannot Pass', ['action']);
  if (action === undefined) return undefined;
  return {
    action,
    ...(ipVersion === 4 || ipVersion === 6 ? { ipVersion } : {}),
    ...(protocol === undefined ? {} : { protocol }),
    ...(notProtocol === undefined ? {} : { notProtocol }),
    ...(icmp === undefined ? {} : { icmp }),
    ...(notIcmp === undefined ? {} : { notIcmp }),
    from,
    to,
    ...(http ? { http: true } : {}),
    ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
    source: reader.source,
  };
}

/** Felix renders layers 3 and 4 of such a rule alone; the rest is for an Envoy beside the workload, where there is one. */
function readHttp(
  rule: FieldReader,
  action: CalicoRule['action'] | undefined,
  protocol: CalicoProtocol | undefined,
): boolean {
  const reader = rule.object('http');
  if (reader === undefined) return false;
  reader.list('methods', STRING);
  for (const path of reader.objects('paths')) {
    path.optional('exact', STRING);
    path.optional('prefix', STRING);
    path.done();
  }
  reader.done();
  const refuse = (message: string): void => rule.error('wrong-value', message, ['http'], { what: 'key' });
  if (action !== undefined && action !== 'Allow') refuse('only valid for Allow rules');
  if (protocol !== undefined && protocol.name !== 'TCP') {
    refuse('rules that specify HTTP fields must set protocol to TCP or empty');
  }
  const message = 'http is left to an Envoy beside the workload: the rule is taken as Felix renders it, without http';
  rule.warn('not-modelled', message, ['http']);
  return true;
}

function readIcmp(rule: FieldReader, name: 'icmp' | 'notICMP'): CalicoIcmp | undefined {
  const reader = rule.object(name);
  if (reader === undefined) return undefined;
  const type = reader.optional('type', ICMP_TYPE);
  const code = reader.optional('code', ICMP_CODE);
  reader.done();
  if (code !== undefined && !reader.has('type')) {
    reader.error('wrong-value', 'ICMP code specified without an ICMP type', ['code']);
  }
  return type === undefined ? undefined : { type, ...(code === undefined ? {} : { code }) };
}

function checkProtocol(
  rule: FieldReader,
  protocol: CalicoProtocol | undefined,
  notProtocol: CalicoProtocol | undefined,
  ipVersion: number | undefined,
): void {
  const isIcmp = protocol?.name === 'ICMP' || protocol?.name === 'ICMPv6';
  if (rule.has('icmp') && !isIcmp) {
    rule.error('wrong-value', 'rules that specify ICMP fields must set protocol to ICMP', ['icmp'], { what: 'key' });
  }
  for (const each of [protocol, notProtocol]) {
    if (each?.name === 'ICMP' && ipVersion === 6) {
      rule.error('wrong-value', "must set ipversion to '4' with protocol icmp", ['ipVersion']);
    }
    if (each?.name === 'ICMPv6' && ipVersion === 4) {
      rule.error('wrong-value', "must set ipversion to '6' with protocol icmpv6", ['ipVersion']);
    }
  }
  if (protocol !== undefined && (WITH_PORTS.includes(protocol.name ?? '') || [6, 17, 132].includes(protocol.number))) {
    return;
  }
  for (const side of ['source', 'destination']) {
    const entity = rule.object(side);
    for (const field of ['ports', 'notPorts']) {
      const ports = entity?.raw(field);
      if (!Array.isArray(ports) || ports.length === 0) continue;
      const hint = protocol === undefined ? 'write protocol: TCP beside action' : undefined;
      const message = 'rules that specify ports must set protocol to TCP or UDP or SCTP';
      entity?.error('wrong-value', message, [field], { hint, what: 'key' });
    }
  }
}

/** All networks of a rule are of one family, and of its ipVersion. */
function checkVersions(
  rule: FieldReader,
  from: CalicoEntityRule,
  to: CalicoEntityRule,
  ipVersion: number | undefined,
): void {
  const families = new Set([from, to].flatMap(({ nets, notNets }) => [...nets, ...notNets]).map(familyOfPrefix));
  if (families.size > 1) rule.error('wrong-value', 'rule contains both IPv4 and IPv6 CIDRs');
  else if (ipVersion !== undefined && families.size === 1 && ![...families].some((each) => each === ipVersion)) {
    rule.error('wrong-value', "rule IP version doesn't match CIDR version", ['ipVersion']);
  }
}

function familyOfPrefix({ addr }: Prefix): 4 | 6 {
  return familyOf(addr);
}

const NOTHING: CalicoEntityRule = { nets: [], notNets: [], ports: [], notPorts: [] };

function readEntity(rule: FieldReader, side: 'source' | 'destination', place: RulePlace): CalicoEntityRule {
  const reader = rule.object(side);
  if (reader === undefined) return NOTHING;
  const nets = readNets(reader, 'nets');
  const notNets = readNets(reader, 'notNets');
  const selector = readCalicoSelector(reader, 'selector');
  const notSelector = readCalicoSelector(reader, 'notSelector');
  const namespaceSelector = readCalicoSelector(reader, 'namespaceSelector', true);
  const ports = reader.list('ports', CALICO_PORT);
  const notPorts = reader.list('notPorts', CALICO_PORT);
  const serviceAccounts = readServiceAccounts(reader);
  const services = readServices(reader, side, place);
  reader.done();
  return {
    nets,
    notNets,
    ...(selector === undefined ? {} : { selector }),
    ...(notSelector === undefined ? {} : { notSelector }),
    ...(namespaceSelector === undefined ? {} : { namespaceSelector }),
    ...(serviceAccounts === undefined ? {} : { serviceAccounts }),
    ...(services === undefined ? {} : { services }),
    ports,
    notPorts,
    source: reader.source,
  };
}

function readNets(reader: FieldReader, name: 'nets' | 'notNets'): readonly Prefix[] {
  const nets = reader.entries(name, PREFIX);
  for (const [index, net] of nets) {
    if (withoutHostBits(net).changed) reader.warn('host-bits', hostBitsMessage(net), [name, index]);
  }
  return nets.map(([, net]) => network(net));
}

function readServiceAccounts(entity: FieldReader): CalicoEntityRule['serviceAccounts'] {
  const reader = entity.object('serviceAccounts');
  if (reader === undefined) return undefined;
  const names = reader.list('names', STRING);
  const selector = readCalicoSelector(reader, 'selector');
  reader.done();
  if (names.length === 0 && selector === undefined) return undefined;
  return { names, ...(selector === undefined ? {} : { selector }) };
}

/** A Service stands for the addresses of its endpoints, so nothing else may say which addresses are meant. */
function readServices(
  entity: FieldReader,
  side: 'source' | 'destination',
  { direction, namespace }: RulePlace,
): CalicoEntityRule['services'] {
  const reader = entity.object('services');
  if (reader === undefined) return undefined;
  const name = reader.optional('name', DNS_LABEL);
  const own = reader.optional('namespace', DNS_LABEL);
  reader.done();
  const refuse = (message: string): void => entity.error('wrong-value', message, ['services'], { what: 'key' });
  if (!reader.has('name')) refuse('must specify a service name');
  if ((direction === 'ingress') === (side === 'destination')) refuse(`not allowed in ${direction} rule ${side}`);
  if (own === undefined && namespace === undefined) refuse('must specify a namespace');
  if (entity.has('namespaceSelector')) refuse('cannot specify NamespaceSelector and Services on the same rule');
  if (entity.has('selector') || entity.has('notSelector')) {
    refuse('cannot specify Selector/NotSelector and Services on the same rule');
  }
  if (entity.has('serviceAccounts')) refuse('cannot specify ServiceAccounts and Services on the same rule');
  if (entity.has('nets') || entity.has('notNets')) {
    refuse('cannot specify Nets/NotNets and Services on the same rule');
  }
  if (side === 'destination' && entity.has('ports')) refuse('cannot specify ports with a service selector');
  if (side === 'destination' && entity.has('notPorts')) refuse('cannot specify notports with a service selector');
  return name === undefined ? undefined : { name, namespace: own ?? namespace ?? '' };
}
