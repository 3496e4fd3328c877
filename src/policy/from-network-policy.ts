/** networking.k8s.io/v1 NetworkPolicy: rules only allow, and what a policy selects is closed to all else. */
import type { NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort, NetworkPolicyRule } from '../cluster/objects.ts';
import { allOf } from './connection-set.ts';
import type { EndTerm, Policy, PolicyRule, PortTerm, TrafficTerm } from './rule-set.ts';

/** libcalico-go conversion.go: every converted policy has it. */
const ORDER = 1000;

export function fromNetworkPolicy(policy: NetworkPolicy): Policy {
  const { namespace, name, source, podSelector, policyTypes } = policy;
  const rules = (direction: 'ingress' | 'egress') =>
    policy[direction].map((rule, index) => convertRule(rule, `${direction}[${index}]`, namespace));
  return {
    ...{ api: 'NetworkPolicy', kind: 'NetworkPolicy', namespace, name, source, order: ORDER },
    ...{ stage: 'normal', forward: false },
    subject: { kind: 'pods', namespaces: { kind: 'named', name: namespace }, pods: podSelector },
    rules: {
      ...(policyTypes.includes('Ingress') ? { ingress: rules('ingress') } : {}),
      ...(policyTypes.includes('Egress') ? { egress: rules('egress') } : {}),
    },
  };
}

function convertRule({ peers, ports }: NetworkPolicyRule, field: string, namespace: string): PolicyRule {
  return {
    ...{ field, name: undefined, action: 'allow', family: undefined, own: undefined },
    peers: peers.length === 0 ? undefined : peers.map((peer) => convertPeer(peer, namespace)),
    traffic: ports.length === 0 ? undefined : ports.map(convertPort),
  };
}

/** A podSelector alone means Pods of the policy's own namespace. */
function convertPeer(peer: NetworkPolicyPeer, namespace: string): EndTerm {
  if (peer.kind === 'ipBlock') return { kind: 'nets', nets: [peer.cidr], except: peer.except };
  const { namespaceSelector: selector, podSelector: pods } = peer;
  return {
    kind: 'pods',
    namespaces: selector === undefined ? { kind: 'named', name: namespace } : { kind: 'selector', selector },
    ...{ pods, andNetworkSets: false },
  };
}

function convertPort({ protocol, port, endPort }: NetworkPolicyPort): TrafficTerm {
  return trafficOf(
    protocol,
    port === undefined
      ? []
      : typeof port === 'string'
        ? [{ kind: 'named', name: port }]
        : [{ kind: 'range', range: { first: port, last: endPort ?? port } }],
  );
}

/** Traffic of one protocol to one of the ports. */
export function trafficOf(protocol: 'TCP' | 'UDP' | 'SCTP', ports: readonly PortTerm[]): TrafficTerm {
  return { connections: allOf(protocol), ports, notPorts: [], sourcePorts: [], notSourcePorts: [] };
}
