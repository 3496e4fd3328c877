/** What stands behind kube-proxy's rules. */
import type { Cluster } from '../../../cluster/cluster.ts';
import type { OriginId } from '../../../kernel/origin.ts';
import { lazy, memoize } from '../../../lib/lazy.ts';
import type { OriginRole, OriginTable } from '../../origin.ts';
import type { ProxyEndpoint } from '../endpoints.ts';
import type { ProxyServicePort } from '../service-port.ts';

export type ProxyOrigins = {
  /** Rules that are there whatever the Services are. */
  readonly plumbing: () => OriginId;
  readonly masquerade: () => OriginId;
  /** Rules that one mode has for all Services together. */
  readonly ofMode: (role: OriginRole) => OriginId;
  readonly ofPort: (port: ProxyServicePort, role: OriginRole) => OriginId;
  readonly ofEndpoint: (endpoint: ProxyEndpoint) => OriginId;
};

export function proxyOrigins(cluster: Cluster, table: OriginTable): ProxyOrigins {
  const ofProxy = (role: OriginRole) => {
    const { name, source } = cluster.settings;
    return table.mint({
      role,
      kind: 'Cluster',
      name,
      field: 'spec.proxy',
      ...(source === undefined ? {} : { source }),
    });
  };
  const ofPort = memoize((port: ProxyServicePort) =>
    memoize((role: OriginRole) => {
      const { namespace, name, source } = port.service;
      const field = role === 'service-source-range' ? 'spec.loadBalancerSourceRanges' : `spec.ports[${port.index}]`;
      return table.mint({ role, kind: 'Service', namespace, name, field, ...(source === undefined ? {} : { source }) });
    }),
  );
  const ofEndpoint = ({ endpoint, slice }: ProxyEndpoint) => {
    if (endpoint.pod === undefined) {
      const { namespace, name, source } = slice;
      return table.mint({
        role: 'service-endpoint',
        kind: 'EndpointSlice',
        namespace,
        name,
        ...(source === undefined ? {} : { source }),
      });
    }
    const { namespace, name } = endpoint.pod;
    const source = cluster.pod(namespace, name)?.source;
    return table.mint({
      role: 'service-endpoint',
      kind: 'Pod',
      namespace,
      name,
      ...(source === undefined ? {} : { source }),
    });
  };
  return {
    plumbing: lazy(() => ofProxy('plumbing')),
    masquerade: lazy(() => ofProxy('masquerade')),
    ofMode: memoize(ofProxy),
    ofPort: (port, role) => ofPort(port)(role),
    ofEndpoint,
  };
}
