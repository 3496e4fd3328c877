/** Rules between the fields of one Service, in the API server's words (ValidateService). */

import { quote } from '../../lib/quote.ts';
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
  validateTrafficPolicy(spec, service);
  if (service.loadBalancerSourceRanges.length > 0 && type !== 'LoadBalancer') {
    const message = "Forbidden: may only be used when `type` is 'LoadBalancer'";
    spec.error('wrong-value', message, ['loadBalancerSourceRanges'], { what: 'key' });
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
