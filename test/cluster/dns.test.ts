import { describe, expect, it } from 'vitest';
import { askClusterDns, namesToAsk, printResolvConf, resolverOf } from '../../src/cluster/dns.ts';
import { serviceEnvironment } from '../../src/cluster/service-environment.ts';
import { invariant } from '../../src/lib/assert.ts';
import { printIp } from '../../src/net/address.ts';
import { clusterOf } from './load.ts';

const pod = (namespace: string, name: string, spec = '', labels = ''): string =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, namespace: ${namespace}, labels: {${labels}}}\nspec: {nodeName: worker1${spec}}\n---\n`;
const service = (namespace: string, name: string, spec: string): string =>
  `apiVersion: v1\nkind: Service\nmetadata: {name: ${name}, namespace: ${namespace}}\nspec: {${spec}}\n---\n`;

const cluster = clusterOf(
  [
    service('kube-system', 'kube-dns', 'clusterIP: 10.96.0.10, ports: [{port: 53, protocol: UDP}]'),
    service('default', 'kubernetes', 'clusterIP: 10.96.0.1, ports: [{name: https, port: 443}]'),
    service('yuchao', 'eladmin-api', 'clusterIP: 10.110.57.234, ports: [{name: http, port: 8000}]'),
    service('yuchao', 'dbs', 'clusterIP: None, selector: {app: db}, ports: [{port: 3306}]'),
    service('yuchao', 'alias', 'type: ExternalName, externalName: eladmin-api.yuchao.svc.cluster.local'),
    service('yuchao', 'world', 'type: ExternalName, externalName: www.example.com'),
    service('yuchao', 'loop', 'type: ExternalName, externalName: loop.yuchao.svc.cluster.local'),
    'apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: db, namespace: yuchao}\nspec: {serviceName: dbs, replicas: 2, template: {metadata: {labels: {app: db}}, spec: {nodeName: worker2}}}\n---\n',
    pod('yuchao', 'client'),
    pod('default', 'client'),
    pod('default', 'host', ', hostNetwork: true'),
    pod('default', 'host-first', ', hostNetwork: true, dnsPolicy: ClusterFirstWithHostNet'),
    pod(
      'default',
      'own',
      ', dnsPolicy: None, dnsConfig: {nameservers: [1.1.1.1], searches: [a.b], options: [{name: ndots, value: "2"}]}',
    ),
  ].join(''),
);

function podOf(namespace: string, name: string): NonNullable<ReturnType<typeof cluster.pod>> {
  const found = cluster.pod(namespace, name);
  invariant(found !== undefined, name);
  return found;
}

/** What a program in the Pod gets: the first name of the search path that has an answer. */
function resolve(namespace: string, name: string): string {
  for (const asked of namesToAsk(name, resolverOf(cluster, podOf(namespace, 'client')))) {
    const answer = askClusterDns(cluster, asked);
    if (answer.kind === 'addresses') return answer.addresses.map(printIp).join();
    if (answer.kind === 'outside') return `outside ${answer.name}`;
  }
  return 'could not resolve host';
}

describe('resolv.conf', () => {
  it('S40: of a Pod of namespace yuchao', () => {
    expect(printResolvConf(resolverOf(cluster, podOf('yuchao', 'client')))).toBe(
      'search yuchao.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n',
    );
  });
  it('on the host network ClusterFirst means the resolver of the node', () => {
    expect(resolverOf(cluster, podOf('default', 'host')).knowsCluster).toBe(false);
    expect(resolverOf(cluster, podOf('default', 'host-first')).knowsCluster).toBe(true);
  });
  it("dnsPolicy None has the Pod's own settings only", () => {
    expect(printResolvConf(resolverOf(cluster, podOf('default', 'own')))).toBe(
      'search a.b\nnameserver 1.1.1.1\noptions ndots:2\n',
    );
  });
  it("S42: a node's own resolver does not know cluster names", () => {
    expect(resolverOf(cluster, undefined)).toEqual({
      nameserver: undefined,
      search: [],
      ndots: 1,
      knowsCluster: false,
    });
  });
});

describe('names', () => {
  it.each([
    ['yuchao', 'eladmin-api', '10.110.57.234'],
    ['yuchao', 'eladmin-api.yuchao.svc.cluster.local', '10.110.57.234'],
    ['yuchao', 'eladmin-api.svc.cluster.local', 'could not resolve host'],
    ['yuchao', 'eladmin-api.cluster.local', 'could not resolve host'],
    ['default', 'eladmin-api', 'could not resolve host'],
    ['default', 'eladmin-api.yuchao', '10.110.57.234'],
    ['default', 'eladmin-api.yuchao.svc', '10.110.57.234'],
    ['default', 'ELADMIN-API.Yuchao', '10.110.57.234'],
    ['default', 'eladmin-api.yuchao.svc.cluster.local.', '10.110.57.234'],
  ])('S41: from namespace %s %s is %s', (namespace, name, expected) => {
    expect(resolve(namespace, name)).toBe(expected);
  });
  it('S36: a headless Service has the addresses of its Pods', () => {
    expect(resolve('yuchao', 'dbs')).toBe('10.244.2.2,10.244.2.3');
  });
  it.each([
    ['db-0.dbs', '10.244.2.2'],
    ['db-1.dbs.yuchao.svc.cluster.local', '10.244.2.3'],
    ['db-2.dbs', 'could not resolve host'],
    ['db-0.eladmin-api', 'could not resolve host'],
  ])('S44: a Pod of a StatefulSet is %s', (name, expected) => {
    expect(resolve('yuchao', name)).toBe(expected);
  });
  it.each([
    ['alias', '10.110.57.234'],
    ['world', 'outside www.example.com'],
    ['loop', 'could not resolve host'],
  ])('S37: an ExternalName leads on: %s', (name, expected) => {
    expect(resolve('yuchao', name)).toBe(expected);
  });
  it('a Pod has a name of its address', () => {
    expect(resolve('default', '10-244-1-2.yuchao.pod')).toBe('10.244.1.2');
    expect(resolve('default', '10-244-1.yuchao.pod')).toBe('could not resolve host');
  });
  it('a name that exists has no data of the other family', () => {
    expect(askClusterDns(cluster, 'eladmin-api.yuchao.svc.cluster.local', 6).kind).toBe('nodata');
    expect(askClusterDns(cluster, 'yuchao.svc.cluster.local').kind).toBe('nodata');
    expect(askClusterDns(cluster, 'nowhere.svc.cluster.local').kind).toBe('nxdomain');
  });
  it.each([
    ['eladmin-api.yuchao.svc.cluster', 'nxdomain'],
    ['eladmin-api.nowhere', 'nxdomain'],
    ['eladmin-api.example.com', 'outside'],
  ])("a name that begins as a Service does is a mistake, or somebody else's: %s", (name, kind) => {
    expect(askClusterDns(cluster, name).kind).toBe(kind);
  });
  it('the names of the world are not answered for', () => {
    expect(resolve('default', 'www.example.com')).toBe('outside www.example.com');
  });
});

describe('environment variables', () => {
  it('S43: exist for Services of the own namespace, and for the API server', () => {
    const variables = serviceEnvironment(cluster, podOf('yuchao', 'client'));
    expect([...variables.keys()].filter((name) => name.endsWith('_SERVICE_HOST'))).toEqual([
      'KUBERNETES_SERVICE_HOST',
      'ELADMIN_API_SERVICE_HOST',
    ]);
    expect(variables.get('ELADMIN_API_SERVICE_PORT')).toBe('8000');
    expect(variables.get('ELADMIN_API_SERVICE_PORT_HTTP')).toBe('8000');
    expect(variables.get('ELADMIN_API_PORT_8000_TCP_ADDR')).toBe('10.110.57.234');
    expect(serviceEnvironment(cluster, podOf('default', 'client')).has('ELADMIN_API_SERVICE_HOST')).toBe(false);
  });
});
