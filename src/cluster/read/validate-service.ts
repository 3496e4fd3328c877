/** Rules between the fields of one Service, in the API server's words (ValidateService). */

import { quote } from '../../lib/quote.ts';
import { printIp } from '../../net/address.ts';
import { contains, parsePrefix } from '../../net/prefix.ts';
import type { FieldReader } from '../field-reader.ts';
import type { Service } from '../objects.ts';

export function validateService(spec: FieldReader, service: Service): void {
  const { type, ports, headless } = service;
  if (type === 'ExternalName') validateExternalName(spec, service);
  else if (ports.length === 0 && !headless && !spec.has('ports')) {
    spec.error('missing-field', 'Required value: a Service needs ports unless it is headless or an ExternalName', [
      'ports',
    ]);
  }
  if (headless && (type === 'NodePort' || type === 'LoadBalancer')) {
    spec.error('wrong-value', `Invalid value: "None": may not be set to 'None' for ${type} services`, ['clusterIP']);
  }
  validatePorts(spec, service);
  validateExternalIps(spec, service);
  validateTrafficPolicy(spec, service);
  for (const field of OF_LOAD_BALANCERS) {
    if (type === 'LoadBalancer' || !isGiven(spec.raw(field))) continue;
    spec.error('wrong-value', "Forbidden: may only be used when `type` is 'LoadBalancer'", [field], { what: 'key' });
  }
}

const OF_LOAD_BALANCERS = ['loadBalancerSourceRanges', 'loadBalancerClass', 'allocateLoadBalancerNodePorts'] as const;

function isGiven(value: unknown): boolean {
  return value !== undefined && !(Array.isArray(value) && value.length === 0);
}

/** Relaxed to RFC 1123 only behind the feature gate RelaxedServiceNameValidation (KEP-5311). */
export function validateServiceName(reader: FieldReader, name: string): void {
  if (/^[a-z]/.test(name)) return;
  const message = `Invalid value: ${quote(name)}: a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character`;
  reader.error('wrong-value', message, ['metadata', 'name']);
}

/** ValidateNonSpecialIP(): in its order. */
const SPECIAL: readonly (readonly [readonly string[], string])[] = [
  [['0.0.0.0/32', '::/128'], 'may not be unspecified (0.0.0.0 or ::)'],
  [['127.0.0.0/8', '::1/128'], 'may not be in the loopback range (127.0.0.0/8, ::1/128)'],
  [['169.254.0.0/16', 'fe80::/10'], 'may not be in the link-local range (169.254.0.0/16, fe80::/10)'],
  [['224.0.0.0/24', 'ff02::/16'], 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)'],
];
const SPECIAL_RANGES = SPECIAL.map(([ranges, message]) => ({
  ranges: ranges.flatMap((range) => parsePrefix(range) ?? []),
  message,
}));

function validateExternalIps(spec: FieldReader, { externalIps }: Service): void {
  for (const [index, ip] of externalIps.entries()) {
    const special = SPECIAL_RANGES.find(({ ranges }) => ranges.some((range) => contains(range, ip)));
    if (special === undefined) continue;
    spec.error('wrong-value', `Invalid value: "${printIp(ip)}": ${special.message}`, ['externalIPs', index]);
  }
}

function validateExternalName(spec: FieldReader, service: Service): void {
  if (service.externalName === undefined && !spec.has('externalName')) {
    spec.error('missing-field', 'Required value: an ExternalName Service names where it leads', ['externalName']);
  }
  if (service.clusterIps.length > 0 || service.headless) {
    spec.error('wrong-value', 'Forbidden: may not be set for ExternalName services', ['clusterIP']);
  }
}

const KUBELET_PORT = 10250;

function validatePorts(spec: FieldReader, { ports, type }: Service): void {
  const names = new Set<string>();
  const numbers = new Set<string>();
  for (const [index, { name, port, protocol, nodePort }] of ports.entries()) {
    if (name === '' && ports.length > 1) {
      spec.error('missing-field', 'Required value: every port needs a name when there are several', [
        'ports',
        index,
        'name',
      ]);
    }
    if (name !== '' && names.has(name)) {
      spec.error('duplicate', `Duplicate value: ${quote(name)}`, ['ports', index, 'name']);
    }
    names.add(name);
    const number = `${port}/${protocol}`;
    if (numbers.has(number)) spec.error('duplicate', `Duplicate value: ${number}`, ['ports', index, 'port']);
    numbers.add(number);
    if (port === KUBELET_PORT && type === 'LoadBalancer') {
      const message = `Invalid value: ${port}: may not expose port ${port} externally since it is used by kubelet`;
      spec.error('wrong-value', message, ['ports', index, 'port']);
    }
    if (nodePort !== 0 && (type === 'ClusterIP' || type === 'ExternalName')) {
      const message = `Forbidden: may not be used when \`type\` is '${type}'`;
      spec.error('wrong-value', message, ['ports', index, 'nodePort']);
    }
  }
}

function validateTrafficPolicy(spec: FieldReader, service: Service): void {
  const { type, externalIps, healthCheckNodePort, externalTrafficPolicy } = service;
  const fromOutside = type === 'NodePort' || type === 'LoadBalancer' || externalIps.length > 0;
  if (spec.has('externalTrafficPolicy') && !fromOutside) {
    const message = `Invalid value: "${externalTrafficPolicy}": may only be set for externally-accessible services`;
    spec.error('wrong-value', message, ['externalTrafficPolicy']);
  }
  if (healthCheckNodePort !== 0 && (type !== 'LoadBalancer' || externalTrafficPolicy !== 'Local')) {
    const message = `Invalid value: ${healthCheckNodePort}: may only be set when \`type\` is 'LoadBalancer' and \`externalTrafficPolicy\` is 'Local'`;
    spec.error('wrong-value', message, ['healthCheckNodePort']);
  }
}
