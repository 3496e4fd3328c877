import { describe, expect, it } from 'vitest';
import type { Endpoint } from '../../../src/cluster/objects.ts';
import { proxyEndpoints } from '../../../src/compile/proxy/endpoints.ts';
import { type NodeTopology, selectEndpoints } from '../../../src/compile/proxy/select-endpoints.ts';
import { proxyServicePorts } from '../../../src/compile/proxy/service-port.ts';
import { clusterOf, endpoint, service, servicePort, slice } from '../cluster-fixture.ts';

const web = service({ namespace: 'ns', name: 'web', ports: [servicePort(80)] });
const HERE: NodeTopology = { name: 'node1', zone: 'a', nodeHints: true };
const CLUSTER = { usesClusterEndpoints: true, usesLocalEndpoints: false };
const LOCAL = { usesClusterEndpoints: false, usesLocalEndpoints: true };
const BOTH = { usesClusterEndpoints: true, usesLocalEndpoints: true };

/** 1 and 2 are on node1, 3 and 4 on node2. */
const at = (last: 1 | 2 | 3 | 4, fields: Partial<Endpoint> = {}) =>
  endpoint(`10.0.0.${last}`, { node: last < 3 ? 'node1' : 'node2', ...fields });
const leaving = { ready: false, serving: true, terminating: true };
const unready = { ready: false, serving: false };
const gone = { ready: false, serving: false, terminating: true };

type Row = {
  readonly name: string;
  readonly endpoints: readonly Endpoint[];
  readonly policy: typeof CLUSTER;
  readonly node?: NodeTopology;
  /** Last digits of the addresses. */
  readonly cluster: string;
  readonly local: string;
  readonly all: string;
  readonly hasAny: boolean;
};

const rows: readonly Row[] = [
  { name: 'no endpoints at all', endpoints: [], policy: BOTH, cluster: '', local: '', all: '', hasAny: false },
  {
    name: 'ready ones of all nodes for the policy Cluster',
    endpoints: [at(1), at(3), at(4, unready)],
    policy: CLUSTER,
    cluster: '13',
    local: '',
    all: '13',
    hasAny: true,
  },
  {
    name: 'ready ones of this node for the policy Local',
    endpoints: [at(1), at(3)],
    policy: LOCAL,
    cluster: '',
    local: '1',
    all: '1',
    hasAny: true,
  },
  {
    name: 'none here, but some elsewhere: hasAny tells DROP from REJECT',
    endpoints: [at(3)],
    policy: LOCAL,
    cluster: '',
    local: '',
    all: '',
    hasAny: true,
  },
  {
    name: 'none usable anywhere',
    endpoints: [at(1, unready), at(3, gone)],
    policy: LOCAL,
    cluster: '',
    local: '',
    all: '',
    hasAny: false,
  },
  {
    name: 'ending ones only when no ready one is left',
    endpoints: [at(1, leaving), at(3)],
    policy: CLUSTER,
    cluster: '3',
    local: '',
    all: '3',
    hasAny: true,
  },
  {
    name: 'ending ones that still serve when no ready one is left',
    endpoints: [at(1, leaving), at(3, gone)],
    policy: CLUSTER,
    cluster: '1',
    local: '',
    all: '1',
    hasAny: true,
  },
  {
    name: 'the two fallbacks are independent',
    endpoints: [at(1, leaving), at(3)],
    policy: BOTH,
    cluster: '3',
    local: '1',
    all: '13',
    hasAny: true,
  },
  {
    name: 'local ready ones are part of the cluster',
    endpoints: [at(1), at(3)],
    policy: BOTH,
    cluster: '13',
    local: '1',
    all: '13',
    hasAny: true,
  },
  {
    name: 'hints for the zone filter',
    endpoints: [at(1, { zones: ['b'] }), at(3, { zones: ['a'] })],
    policy: CLUSTER,
    cluster: '3',
    local: '',
    all: '3',
    hasAny: true,
  },
  {
    name: 'hints never filter local ones',
    endpoints: [at(1, { zones: ['b'] }), at(3, { zones: ['a'] })],
    policy: BOTH,
    cluster: '3',
    local: '1',
    all: '13',
    hasAny: true,
  },
  {
    name: 'one endpoint without hints turns them off',
    endpoints: [at(1, { zones: ['b'] }), at(3)],
    policy: CLUSTER,
    cluster: '13',
    local: '',
    all: '13',
    hasAny: true,
  },
  {
    name: 'hints for other zones only are ignored',
    endpoints: [at(1, { zones: ['b'] }), at(3, { zones: ['c'] })],
    policy: CLUSTER,
    cluster: '13',
    local: '',
    all: '13',
    hasAny: true,
  },
  {
    name: 'a node without a zone ignores hints for zones',
    endpoints: [at(1, { zones: ['b'] }), at(3, { zones: ['a'] })],
    policy: CLUSTER,
    node: { ...HERE, zone: undefined },
    cluster: '13',
    local: '',
    all: '13',
    hasAny: true,
  },
  {
    name: 'an endpoint that is not ready needs no hint',
    endpoints: [at(1, unready), at(3, { zones: ['a'] }), at(4, { zones: ['b'] })],
    policy: CLUSTER,
    cluster: '3',
    local: '',
    all: '3',
    hasAny: true,
  },
  {
    name: 'hints are ignored when only ending ones are left',
    endpoints: [at(1, { ...leaving, zones: ['b'] }), at(3, { ...leaving, zones: ['a'] })],
    policy: CLUSTER,
    cluster: '13',
    local: '',
    all: '13',
    hasAny: true,
  },
  {
    name: 'hints for nodes come before hints for zones',
    endpoints: [at(1, { zones: ['b'], hintNodes: ['node1'] }), at(3, { zones: ['a'], hintNodes: ['node2'] })],
    policy: CLUSTER,
    cluster: '1',
    local: '',
    all: '1',
    hasAny: true,
  },
  {
    name: 'hints for nodes mean nothing before 1.34',
    endpoints: [at(1, { zones: ['b'], hintNodes: ['node1'] }), at(3, { zones: ['a'], hintNodes: ['node2'] })],
    policy: CLUSTER,
    node: { ...HERE, nodeHints: false },
    cluster: '3',
    local: '',
    all: '3',
    hasAny: true,
  },
];

describe('selectEndpoints', () => {
  it.each(rows)('$name', ({ endpoints, policy, node, cluster, local, all, hasAny }) => {
    const world = clusterOf({ services: [web], slices: [slice(web, endpoints)] });
    const [port] = proxyServicePorts(world, 4);
    if (port === undefined) throw new Error('no port');
    const selection = selectEndpoints(proxyEndpoints(world, port).all(), policy, node ?? HERE);
    const digits = (list: readonly { readonly text: string }[]) =>
      list.map(({ text }) => text.charAt('10.0.0.'.length)).join('');
    expect({
      cluster: digits(selection.cluster),
      local: digits(selection.local),
      all: digits(selection.allReachable),
      hasAny: selection.hasAny,
    }).toEqual({ cluster, local, all, hasAny });
  });
});
