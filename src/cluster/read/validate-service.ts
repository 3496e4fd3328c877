/** Rules between the fields of one Service, in the API server's words (ValidateService). */

import { printIp } from '../../net/address.ts';
import { duplicate, forbidden, invalid, mustBeBetween, required } from '../field-error.ts';
import type { FieldReader, IssueExtra } from '../field-reader.ts';
import type { Service } from '../objects.ts';
import { specialIp } from './special-ip.ts';

export function validateService(spec: FieldReader, service: Service): void {
  const { type, ports, headless } = service;
  if (type === 'ExternalName') validateExternalName(spec, service);
  else if (ports.length === 0 && !headless && isEmpty(spec.raw('ports'))) {
    const hint = 'a Service needs ports unless it is headless or an ExternalName';
    spec.error('missing-field', required(), ['ports'], { hint });
  }
  if (headless && (type === 'NodePort' || type === 'LoadBalancer')) {
    const message = invalid('None', `may not be set to 'None' for ${type} services`);
    spec.error('wrong-value', message, ['clusterIPs', 0], clusterIpPlace(spec));
  }
  validatePorts(spec, service);
  validateExternalIps(spec, service);
  validateTrafficPolicy(spec, service);
  for (const field of OF_LOAD_BALANCERS) {
    if (type === 'LoadBalancer' || isEmpty(spec.raw(field))) continue;
    spec.error('wrong-value', forbidden("may only be used when `type` is 'LoadBalancer'"), [field], { what: 'key' });
  }
}

/** The API server copies clusterIP into clusterIPs and speaks of the list alone (PatchAllocatedValues()). */
function clusterIpPlace(spec: FieldReader): IssueExtra {
  return { at: [spec.has('clusterIPs') ? 'clusterIPs' : 'clusterIP'] };
}

const OF_LOAD_BALANCERS = ['loadBalancerSourceRanges', 'loadBalancerClass', 'allocateLoadBalancerNodePorts'] as const;

function isEmpty(value: unknown): boolean {
  return value === undefined || (Array.isArray(value) && value.length === 0);
}

function validateExternalIps(spec: FieldReader, { externalIps }: Service): void {
  for (const [index, ip] of externalIps.entries()) {
    const special = specialIp(ip);
    if (special !== undefined) spec.error('wrong-value', invalid(printIp(ip), special), ['externalIPs', index]);
  }
}

function validateExternalName(spec: FieldReader, service: Service): void {
  const given = spec.raw('externalName');
  if (service.externalName === undefined && (given === undefined || given === '')) {
    const hint = 'an ExternalName Service names where it leads';
    spec.error('missing-field', required(), ['externalName'], { hint });
  }
  if (service.clusterIps.length > 0 || service.headless) {
    const message = forbidden('may not be set for ExternalName services');
    spec.error('wrong-value', message, ['clusterIPs'], clusterIpPlace(spec));
  }
}

const KUBELET_PORT = 10250;

function validatePorts(spec: FieldReader, { ports, type }: Service): void {
  const names = new Set<string>();
  const numbers = new Set<string>();
  const nodePorts = new Set<string>();
  for (const [index, { name, port, protocol, nodePort }] of ports.entries()) {
    if (name === '' && ports.length > 1) {
      const hint = 'every port needs a name when there are several';
      spec.error('missing-field', required(), ['ports', index, 'name'], { hint });
    }
    if (name !== '' && names.has(name)) spec.error('duplicate', duplicate(name), ['ports', index, 'name']);
    names.add(name);
    const number = `${port}/${protocol}`;
    if (numbers.has(number)) {
      const at = ['ports', index, 'port'];
      const hint = `${number} is there already`;
      spec.error('duplicate', duplicatePort(port, protocol), ['ports', index], { at, hint });
    }
    numbers.add(number);
    if (port === KUBELET_PORT && type === 'LoadBalancer') {
      const message = invalid(port, `may not expose port ${port} externally since it is used by kubelet`);
      spec.error('wrong-value', message, ['ports', index], { at: ['ports', index, 'port'] });
    }
    if (nodePort === 0) continue;
    if (type === 'ClusterIP') {
      spec.error('wrong-value', forbidden("may not be used when `type` is 'ClusterIP'"), ['ports', index, 'nodePort']);
    }
    if (nodePorts.has(`${nodePort}/${protocol}`)) {
      spec.error('duplicate', duplicate(nodePort), ['ports', index, 'nodePort']);
    }
    nodePorts.add(`${nodePort}/${protocol}`);
  }
}

/** The internal struct of the API server, which is printed as Go prints it (%#v). */
function duplicatePort(port: number, protocol: string): string {
  const struct = `core.ServicePort{Name:"", Protocol:"${protocol}", AppProtocol:(*string)(nil), Port:${port}, TargetPort:intstr.IntOrString{Type:0, IntVal:0, StrVal:""}, NodePort:0}`;
  return `Duplicate value: ${struct}`;
}

function validateTrafficPolicy(spec: FieldReader, service: Service): void {
  const { type, externalIps, healthCheckNodePort, externalTrafficPolicy } = service;
  const fromOutside = type === 'NodePort' || type === 'LoadBalancer' || externalIps.length > 0;
  if (spec.has('externalTrafficPolicy') && !fromOutside) {
    const message = invalid(externalTrafficPolicy, 'may only be set for externally-accessible services');
    spec.error('wrong-value', message, ['externalTrafficPolicy']);
  }
  if (healthCheckNodePort === 0) return;
  if (type !== 'LoadBalancer' || externalTrafficPolicy !== 'Local') {
    const words = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'";
    spec.error('wrong-value', invalid(healthCheckNodePort, words), ['healthCheckNodePort']);
  } else if (healthCheckNodePort < 0 || healthCheckNodePort > 65535) {
    spec.error('wrong-value', invalid(healthCheckNodePort, mustBeBetween(1, 65535)), ['healthCheckNodePort']);
  }
}
