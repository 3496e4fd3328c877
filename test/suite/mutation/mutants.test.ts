import { describe, expect, it } from 'vitest';
import { isPlainObject, ownField } from '../../../src/cluster/plain-object.ts';
import { mutantsOf } from '../../../src/suite/mutation/mutants.ts';
import { splitDocuments } from '../../../src/topology/documents.ts';

/** What each mutant of a policy changes, and the spec that it leaves. */
function mutants(kind: string, spec: string): readonly string[] {
  const text = `apiVersion: v1\nkind: ${kind}\nmetadata: {name: p, namespace: shop}\nspec: ${spec}\n`;
  return mutantsOf(splitDocuments([{ file: 'p.yaml', text }]).documents).map(({ name, value }) => {
    const whole = isPlainObject(value) ? JSON.stringify(ownField(value, 'spec')) : 'nothing';
    return `${name.replace(`${kind} shop/p:`, '').trim()} => ${whole}`;
  });
}

describe('a mistake made on purpose', () => {
  it.each<readonly [row: string, kind: string, spec: string, mutants: readonly string[]]>([
    ['leaves the policy out', 'NetworkPolicy', '{}', []],
    [
      'drops a rule',
      'NetworkPolicy',
      '{ingress: [{}, {}]}',
      ['spec.ingress[0] dropped => {"ingress":[{}]}', 'spec.ingress[1] dropped => {"ingress":[{}]}'],
    ],
    [
      'drops a peer, of the last of which nobody is left out',
      'NetworkPolicy',
      '{ingress: [{from: [{podSelector: {}}]}]}',
      ['spec.ingress[0] dropped => {"ingress":[]}', 'spec.ingress[0].from[0] dropped => {"ingress":[{"from":[]}]}'],
    ],
    [
      'turns and into or',
      'AdminNetworkPolicy',
      '{from: [{namespaceSelector: {}, podSelector: {}}]}',
      [
        'spec.from[0] dropped => {"from":[]}',
        'spec.from [0] and turned into or => {"from":[{"namespaceSelector":{}},{"podSelector":{}}]}',
      ],
    ],
    [
      'turns or into and',
      'NetworkPolicy',
      '{to: [{namespaceSelector: {}}, {podSelector: {}}]}',
      [
        'spec.to[0] dropped => {"to":[{"podSelector":{}}]}',
        'spec.to[1] dropped => {"to":[{"namespaceSelector":{}}]}',
        'spec.to [0] or turned into and => {"to":[{"namespaceSelector":{},"podSelector":{}}]}',
      ],
    ],
    [
      'widens a CIDR, and forgets its exceptions',
      'NetworkPolicy',
      '{x: {cidr: 10.1.2.0/24, except: [10.1.2.3/32]}}',
      [
        'spec.x.cidr widened to 10.1.0.0/16 => {"x":{"cidr":"10.1.0.0/16","except":["10.1.2.3/32"]}}',
        'spec.x.except dropped => {"x":{"cidr":"10.1.2.0/24"}}',
      ],
    ],
    ['widens no CIDR that is everything', 'NetworkPolicy', '{x: {cidr: 0.0.0.0/0}}', []],
    [
      'widens the nets of Calico',
      'GlobalNetworkPolicy',
      '{x: {nets: [10.0.0.0/4, "fd00::/64"], notNets: [10.1.0.0/16]}}',
      [
        'spec.x.nets[0] widened to 0.0.0.0/0 => {"x":{"nets":["0.0.0.0/0","fd00::/64"],"notNets":["10.1.0.0/16"]}}',
        'spec.x.nets[1] widened to fd00::/56 => {"x":{"nets":["10.0.0.0/4","fd00::/56"],"notNets":["10.1.0.0/16"]}}',
        'spec.x.notNets dropped => {"x":{"nets":["10.0.0.0/4","fd00::/64"]}}',
      ],
    ],
    [
      'drops a policyType, but not the only one',
      'NetworkPolicy',
      '{policyTypes: [Ingress, Egress], types: [Ingress]}',
      [
        'spec.policyTypes[0] dropped => {"policyTypes":["Egress"],"types":["Ingress"]}',
        'spec.policyTypes[1] dropped => {"policyTypes":["Ingress"],"types":["Ingress"]}',
      ],
    ],
    [
      'shifts a port',
      'NetworkPolicy',
      '{x: {port: 80, endPort: 90}}',
      [
        'spec.x.port 80 is 81 => {"x":{"port":81,"endPort":90}}',
        'spec.x.endPort 90 is 91 => {"x":{"port":80,"endPort":91}}',
      ],
    ],
    [
      'shifts no port beyond the last',
      'NetworkPolicy',
      '{port: 65535}',
      ['spec.port 65535 is 65534 => {"port":65534}'],
    ],
    [
      'shifts a port and a range of Calico',
      'GlobalNetworkPolicy',
      '{destination: {ports: [80, "90:95", http]}}',
      [
        'spec.destination.ports[0] dropped => {"destination":{"ports":["90:95","http"]}}',
        'spec.destination.ports[1] dropped => {"destination":{"ports":[80,"http"]}}',
        'spec.destination.ports[2] dropped => {"destination":{"ports":[80,"90:95"]}}',
        'spec.destination.ports[0] 80 is 81 => {"destination":{"ports":[81,"90:95","http"]}}',
        'spec.destination.ports[1] 90:95 is 90:96 => {"destination":{"ports":[80,"90:96","http"]}}',
      ],
    ],
    [
      'shifts the range of the admin APIs',
      'AdminNetworkPolicy',
      '{portRange: {start: 1, end: 9}, portNumber: {port: 80}}',
      [
        'spec.portRange.start 1 is 2 => {"portRange":{"start":2,"end":9},"portNumber":{"port":80}}',
        'spec.portRange.end 9 is 10 => {"portRange":{"start":1,"end":10},"portNumber":{"port":80}}',
        'spec.portNumber.port 80 is 81 => {"portRange":{"start":1,"end":9},"portNumber":{"port":81}}',
      ],
    ],
    ['flips Allow', 'AdminNetworkPolicy', '{action: Allow}', ['spec.action "Allow" is "Deny" => {"action":"Deny"}']],
    [
      'flips Accept',
      'ClusterNetworkPolicy',
      '{action: Accept}',
      ['spec.action "Accept" is "Deny" => {"action":"Deny"}'],
    ],
    [
      'flips Deny into what the API calls it',
      'ClusterNetworkPolicy',
      '{action: Deny}',
      ['spec.action "Deny" is "Accept" => {"action":"Accept"}'],
    ],
    ['flips Deny', 'AdminNetworkPolicy', '{action: Deny}', ['spec.action "Deny" is "Allow" => {"action":"Allow"}']],
    ['flips Pass', 'AdminNetworkPolicy', '{action: Pass}', ['spec.action "Pass" is "Deny" => {"action":"Deny"}']],
    [
      'drops what Calico excepts, and selects every Pod',
      'GlobalNetworkPolicy',
      '{selector: app == "a", notPorts: [1]}',
      [
        'spec.selector selects every Pod => {"selector":"all()","notPorts":[1]}',
        'spec.notPorts dropped => {"selector":"app == \\"a\\""}',
      ],
    ],
    [
      'drops and shifts what ClusterNetworkPolicy calls protocols',
      'ClusterNetworkPolicy',
      '{protocols: [{tcp: {destinationPort: {number: 80}}}]}',
      [
        'spec.protocols[0] dropped => {"protocols":[]}',
        'spec.protocols[0].tcp.destinationPort.number 80 is 81 => {"protocols":[{"tcp":{"destinationPort":{"number":81}}}]}',
      ],
    ],
    ['logs nothing else', 'GlobalNetworkPolicy', '{action: Log}', []],
    [
      'selects every Pod',
      'NetworkPolicy',
      '{podSelector: {matchLabels: {app: a}}}',
      ['spec.podSelector selects every Pod => {"podSelector":{}}'],
    ],
    ['selects no more where it selects all', 'NetworkPolicy', '{podSelector: {}}', []],
  ])('%s', (_, kind, spec, expected) => {
    expect(mutants(kind, spec)).toEqual(['left out => nothing', ...expected]);
  });

  it('is made in policies alone, of every document, with its place', () => {
    const pod = 'apiVersion: v1\nkind: Pod\nspec: {action: Allow}\n';
    const policy = 'apiVersion: v1\nkind: NetworkPolicy\nmetadata: {name: p}\nspec:\n  ingress:\n    - {}\n';
    const text = `${pod}---\n${policy}`;
    const { documents } = splitDocuments([{ file: 'p.yaml', text }]);
    expect(mutantsOf(documents).map(({ name, file, line, document }) => ({ name, file, line, document }))).toEqual([
      { name: 'NetworkPolicy p: left out', file: 'p.yaml', line: 5, document: 1 },
      { name: 'NetworkPolicy p: spec.ingress[0] dropped', file: 'p.yaml', line: 10, document: 1 },
    ]);
  });

  it('goes no deeper than policies do, whatever the input', () => {
    const deep = `${'{x: '.repeat(40)}{action: Allow}${'}'.repeat(40)}`;
    expect(mutants('NetworkPolicy', deep)).toEqual(['left out => nothing']);
  });
});
