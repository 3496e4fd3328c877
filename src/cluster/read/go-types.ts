/** The Go structs of the built-in kinds, as far as fields are read: what encoding/json says of a wrong type names them. */
import type { GoType } from '../decode-error.ts';

const STRING: GoType = { kind: 'string', name: 'string' };
const INT32: GoType = { kind: 'integer', name: 'int32' };
const BOOL: GoType = { kind: 'boolean', name: 'bool' };
const INT_OR_STRING: GoType = { kind: 'int-or-string', name: 'intstr.IntOrString' };
const STRINGS = list(STRING);
const LABELS: GoType = { kind: 'map', name: 'map[string]string', element: STRING };

/** A type of its own over string, such as v1.Protocol. */
function word(name: string): GoType {
  return { kind: 'string', name: `v1.${name}` };
}

function list(element: GoType): GoType {
  return { kind: 'list', name: `[]${element.name}`, element };
}

function struct(name: string, fields: Readonly<Record<string, GoType>>): GoType {
  return { kind: 'struct', name: `v1.${name}`, fields };
}

const METADATA = struct('ObjectMeta', { name: STRING, namespace: STRING, labels: LABELS, annotations: LABELS });

function object(kind: string, fields: Readonly<Record<string, GoType>>): GoType {
  return struct(kind, { metadata: METADATA, ...fields });
}

const PROTOCOL = word('Protocol');

const SELECTOR = struct('LabelSelector', {
  matchLabels: LABELS,
  matchExpressions: list(
    struct('LabelSelectorRequirement', { key: STRING, operator: word('LabelSelectorOperator'), values: STRINGS }),
  ),
});

const BALANCER_INGRESS = list(
  struct('LoadBalancerIngress', { ip: STRING, hostname: STRING, ipMode: word('LoadBalancerIPMode') }),
);

const SERVICE = object('Service', {
  spec: struct('ServiceSpec', {
    ports: list(
      struct('ServicePort', {
        ...{ name: STRING, protocol: PROTOCOL, port: INT32, targetPort: INT_OR_STRING, nodePort: INT32 },
        appProtocol: STRING,
      }),
    ),
    ...{ selector: LABELS, clusterIP: STRING, clusterIPs: STRINGS, type: word('ServiceType'), externalIPs: STRINGS },
    ...{ sessionAffinity: word('ServiceAffinity'), loadBalancerIP: STRING, loadBalancerSourceRanges: STRINGS },
    ...{
      externalName: STRING,
      externalTrafficPolicy: word('ServiceExternalTrafficPolicy'),
      healthCheckNodePort: INT32,
    },
    publishNotReadyAddresses: BOOL,
    sessionAffinityConfig: struct('SessionAffinityConfig', {
      clientIP: struct('ClientIPConfig', { timeoutSeconds: INT32 }),
    }),
    ipFamilies: list(word('IPFamily')),
    ...{ ipFamilyPolicy: word('IPFamilyPolicy'), allocateLoadBalancerNodePorts: BOOL, loadBalancerClass: STRING },
    ...{ internalTrafficPolicy: word('ServiceInternalTrafficPolicy'), trafficDistribution: STRING },
  }),
  status: struct('ServiceStatus', { loadBalancer: struct('LoadBalancerStatus', { ingress: BALANCER_INGRESS }) }),
});

const TARGET = struct('ObjectReference', { kind: STRING, namespace: STRING, name: STRING });

const SLICE = object('EndpointSlice', {
  addressType: word('AddressType'),
  endpoints: list(
    struct('Endpoint', {
      addresses: STRINGS,
      conditions: struct('EndpointConditions', { ready: BOOL, serving: BOOL, terminating: BOOL }),
      ...{ hostname: STRING, targetRef: TARGET, nodeName: STRING, zone: STRING },
      hints: struct('EndpointHints', {
        forZones: list(struct('ForZone', { name: STRING })),
        forNodes: list(struct('ForNode', { name: STRING })),
      }),
    }),
  ),
  ports: list(struct('EndpointPort', { name: STRING, protocol: PROTOCOL, port: INT32, appProtocol: STRING })),
});

const ENDPOINT_ADDRESSES = list(
  struct('EndpointAddress', { ip: STRING, hostname: STRING, nodeName: STRING, targetRef: TARGET }),
);
const ENDPOINTS = object('Endpoints', {
  subsets: list(
    struct('EndpointSubset', {
      ...{ addresses: ENDPOINT_ADDRESSES, notReadyAddresses: ENDPOINT_ADDRESSES },
      ports: list(struct('EndpointPort', { name: STRING, protocol: PROTOCOL, port: INT32 })),
    }),
  ),
});

const POLICY_PORTS = list(struct('NetworkPolicyPort', { protocol: PROTOCOL, port: INT_OR_STRING, endPort: INT32 }));
const POLICY_PEERS = list(
  struct('NetworkPolicyPeer', {
    ...{ podSelector: SELECTOR, namespaceSelector: SELECTOR },
    ipBlock: struct('IPBlock', { cidr: STRING, except: STRINGS }),
  }),
);
const NETWORK_POLICY = object('NetworkPolicy', {
  spec: struct('NetworkPolicySpec', {
    podSelector: SELECTOR,
    ingress: list(struct('NetworkPolicyIngressRule', { ports: POLICY_PORTS, from: POLICY_PEERS })),
    egress: list(struct('NetworkPolicyEgressRule', { ports: POLICY_PORTS, to: POLICY_PEERS })),
    policyTypes: list(word('PolicyType')),
  }),
});

const BACKEND = struct('IngressBackend', {
  service: struct('IngressServiceBackend', {
    name: STRING,
    port: struct('ServiceBackendPort', { name: STRING, number: INT32 }),
  }),
});
const INGRESS = object('Ingress', {
  spec: struct('IngressSpec', {
    ...{ ingressClassName: STRING, defaultBackend: BACKEND },
    tls: list(struct('IngressTLS', { hosts: STRINGS, secretName: STRING })),
    rules: list(
      struct('IngressRule', {
        host: STRING,
        http: struct('HTTPIngressRuleValue', {
          paths: list(struct('HTTPIngressPath', { path: STRING, pathType: word('PathType'), backend: BACKEND })),
        }),
      }),
    ),
  }),
  status: struct('IngressStatus', {
    loadBalancer: struct('IngressLoadBalancerStatus', {
      ingress: list(struct('IngressLoadBalancerIngress', { ip: STRING, hostname: STRING })),
    }),
  }),
});

const CONTAINERS = list(
  struct('Container', {
    name: STRING,
    ports: list(
      struct('ContainerPort', {
        ...{ name: STRING, hostPort: INT32, containerPort: INT32, protocol: PROTOCOL, hostIP: STRING },
      }),
    ),
  }),
);
const POD_SPEC = struct('PodSpec', {
  ...{ containers: CONTAINERS, initContainers: CONTAINERS, nodeName: STRING, nodeSelector: LABELS, hostNetwork: BOOL },
  ...{ hostname: STRING, subdomain: STRING, serviceAccountName: STRING, serviceAccount: STRING },
  dnsPolicy: word('DNSPolicy'),
  dnsConfig: struct('PodDNSConfig', {
    ...{ nameservers: STRINGS, searches: STRINGS },
    options: list(struct('PodDNSConfigOption', { name: STRING, value: STRING })),
  }),
  tolerations: list(struct('Toleration', { key: STRING, operator: word('TolerationOperator') })),
});
const POD = object('Pod', {
  spec: POD_SPEC,
  status: struct('PodStatus', {
    ...{ phase: word('PodPhase'), podIP: STRING, podIPs: list(struct('PodIP', { ip: STRING })) },
    conditions: list(struct('PodCondition', { type: word('PodConditionType') })),
  }),
});
const TEMPLATE = struct('PodTemplateSpec', { metadata: METADATA, spec: POD_SPEC });

function workload(kind: string, more: Readonly<Record<string, GoType>> = {}): GoType {
  return object(kind, {
    spec: struct(`${kind}Spec`, { replicas: INT32, selector: SELECTOR, template: TEMPLATE, ...more }),
  });
}

const JOB_SPEC = struct('JobSpec', {
  ...{ parallelism: INT32, completions: INT32, suspend: BOOL },
  ...{ selector: SELECTOR, template: TEMPLATE },
});
const JOB_STATUS = struct('JobStatus', {
  ...{ active: INT32, succeeded: INT32 },
  conditions: list(struct('JobCondition', { type: word('JobConditionType') })),
});

/** By apiVersion and kind. */
const GO_TYPES: ReadonlyMap<string, GoType> = new Map([
  ['v1 Service', SERVICE],
  ['v1 Endpoints', ENDPOINTS],
  ['discovery.k8s.io/v1 EndpointSlice', SLICE],
  ['networking.k8s.io/v1 NetworkPolicy', NETWORK_POLICY],
  ['networking.k8s.io/v1 Ingress', INGRESS],
  [
    'networking.k8s.io/v1 IngressClass',
    object('IngressClass', { spec: struct('IngressClassSpec', { controller: STRING }) }),
  ],
  ['v1 Pod', POD],
  ['apps/v1 Deployment', workload('Deployment')],
  ['apps/v1 ReplicaSet', workload('ReplicaSet')],
  ['apps/v1 DaemonSet', workload('DaemonSet')],
  [
    'apps/v1 StatefulSet',
    workload('StatefulSet', {
      serviceName: STRING,
      ordinals: struct('StatefulSetOrdinals', { start: INT32 }),
    }),
  ],
  ['v1 ReplicationController', workload('ReplicationController', { selector: LABELS })],
  ['batch/v1 Job', object('Job', { spec: JOB_SPEC, status: JOB_STATUS })],
  [
    'batch/v1 CronJob',
    object('CronJob', {
      spec: struct('CronJobSpec', {
        suspend: BOOL,
        jobTemplate: struct('JobTemplateSpec', { metadata: METADATA, spec: JOB_SPEC }),
      }),
    }),
  ],
  ['v1 Namespace', object('Namespace', {})],
  [
    'v1 Node',
    object('Node', {
      spec: struct('NodeSpec', { podCIDR: STRING, podCIDRs: STRINGS, unschedulable: BOOL }),
      status: struct('NodeStatus', {
        addresses: list(struct('NodeAddress', { type: word('NodeAddressType'), address: STRING })),
      }),
    }),
  ],
  ['v1 ConfigMap', object('ConfigMap', { data: LABELS })],
  ['v1 ServiceAccount', object('ServiceAccount', {})],
]);

export function goTypeOf(apiVersion: string, kind: string): GoType | undefined {
  return GO_TYPES.get(`${apiVersion} ${kind}`);
}
