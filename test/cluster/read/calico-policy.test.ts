import { describe, expect, it } from 'vitest';
import { load, problems } from '../load.ts';

const indent = (text: string): string => text.replaceAll(/^/gm, '  ');
const object = (kind: string, spec: string, version = 'projectcalico.org/v3'): string =>
  `apiVersion: ${version}\nkind: ${kind}\nmetadata: {name: p}\nspec:\n${indent(spec)}\n`;
const gnp = (spec: string): string => object('GlobalNetworkPolicy', spec);
const np = (spec: string): string => object('NetworkPolicy', spec);
const ingress = (rule: string): string => gnp(`ingress:\n- ${rule}`);

function read(text: string) {
  const loaded = load(text);
  if (!loaded.ok) throw new Error(loaded.issues.map(({ message }) => message).join('\n'));
  const [policy] = loaded.value.cluster.calicoPolicies;
  if (policy === undefined) throw new Error('no policy');
  return policy;
}

describe('defaults', () => {
  it.each([
    ['no rules', 'selector: all()', ['Ingress']],
    ['egress rules only', 'egress: [{action: Allow}]', ['Egress']],
    ['both', 'ingress: [{action: Allow}]\negress: [{action: Allow}]', ['Ingress', 'Egress']],
    ['types as given', 'types: [Egress]', ['Egress']],
  ])('types with %s', (_, spec, expected) => {
    expect(read(gnp(spec)).types).toEqual(expected);
  });

  it('the stored form has no default, and Felix takes both', () => {
    expect(read(object('GlobalNetworkPolicy', 'selector: all()', 'crd.projectcalico.org/v1')).types).toEqual([
      'Ingress',
      'Egress',
    ]);
  });

  it('tier default, no order, every endpoint', () => {
    const { tier, order, selector } = read(np('types: [Ingress]'));
    expect({ tier, order, selector: selector.selector }).toEqual({
      tier: 'default',
      order: undefined,
      selector: { kind: 'all' },
    });
  });

  it('a Service is looked for in the own namespace', () => {
    const { egress } = read(np('egress: [{action: Allow, destination: {services: {name: db}}}]'));
    expect(egress[0]?.to.services).toEqual({ name: 'db', namespace: 'default' });
  });

  it('two API groups may have a NetworkPolicy of one name', () => {
    const kubernetes =
      'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p}\nspec: {podSelector: {}}\n';
    expect(problems(`${np('types: [Ingress]')}---\n${kubernetes}`)).toEqual([]);
  });
});

describe('ports are', () => {
  it.each([
    ['a number', '80', { kind: 'range', first: 80, last: 80 }],
    ['a quoted number', '"80"', { kind: 'range', first: 80, last: 80 }],
    ['a range', '"80:90"', { kind: 'range', first: 80, last: 90 }],
    ['a name', 'http', { kind: 'named', name: 'http' }],
  ])('%s', (_, port, expected) => {
    const { ingress: rules } = read(ingress(`{action: Allow, protocol: TCP, destination: {ports: [${port}]}}`));
    expect(rules[0]?.to.ports).toEqual([expected]);
  });
});

describe('refused', () => {
  const rule = 'error 6:5 GlobalNetworkPolicy p: spec.ingress[0]: ';
  it.each<[string, string, readonly string[]]>([
    [
      'an unknown action',
      ingress('{action: Accept}'),
      [
        'error 6:14 GlobalNetworkPolicy p: spec.ingress[0].action: expected one of Allow, Deny, Log, Pass, got "Accept"',
      ],
    ],
    [
      'ports without a protocol',
      ingress('{action: Allow, destination: {ports: [80]}}'),
      [
        'error 6:35 GlobalNetworkPolicy p: spec.ingress[0].destination.ports: rules that specify ports must set protocol to TCP or UDP or SCTP (write protocol: TCP beside action)',
      ],
    ],
    [
      'a protocol in small letters',
      ingress('{action: Allow, protocol: tcp}'),
      [
        'error 6:31 GlobalNetworkPolicy p: spec.ingress[0].protocol: expected one of TCP, UDP, ICMP, ICMPv6, SCTP, UDPLite or a number 1-255, got "tcp" (did you mean TCP?)',
      ],
    ],
    [
      'an inverted range',
      ingress('{action: Allow, protocol: TCP, source: {ports: ["9:8"]}}'),
      [
        'error 6:53 GlobalNetworkPolicy p: spec.ingress[0].source.ports[0]: expected a port 0-65535, a range such as 8000:8010, or the name of a port, got "9:8"',
      ],
    ],
    [
      'icmp of another protocol',
      ingress('{action: Allow, protocol: TCP, icmp: {type: 8}}'),
      [
        'error 6:36 GlobalNetworkPolicy p: spec.ingress[0].icmp: rules that specify ICMP fields must set protocol to ICMP',
      ],
    ],
    [
      'an ICMP code without a type',
      ingress('{action: Allow, protocol: ICMP, icmp: {code: 0}}'),
      ['error 6:50 GlobalNetworkPolicy p: spec.ingress[0].icmp.code: ICMP code specified without an ICMP type'],
    ],
    [
      'ICMP for IPv6',
      ingress('{action: Allow, protocol: ICMP, ipVersion: 6}'),
      ["error 6:48 GlobalNetworkPolicy p: spec.ingress[0].ipVersion: must set ipversion to '4' with protocol icmp"],
    ],
    [
      'two families',
      ingress('{action: Allow, source: {nets: [10.0.0.0/8]}, destination: {nets: ["fd00::/8"]}}'),
      [`${rule}rule contains both IPv4 and IPv6 CIDRs`],
    ],
    [
      'another family than the version',
      ingress('{action: Allow, ipVersion: 6, source: {nets: [10.0.0.0/8]}}'),
      ["error 6:32 GlobalNetworkPolicy p: spec.ingress[0].ipVersion: rule IP version doesn't match CIDR version"],
    ],
    [
      'http of a rule that denies',
      ingress('{action: Deny, http: {methods: [GET]}}'),
      ['error 6:20 GlobalNetworkPolicy p: spec.ingress[0].http: only valid for Allow rules'],
    ],
    [
      'http over UDP',
      ingress('{action: Allow, protocol: UDP, http: {paths: [{exact: /}]}}'),
      [
        'error 6:36 GlobalNetworkPolicy p: spec.ingress[0].http: rules that specify HTTP fields must set protocol to TCP or empty',
      ],
    ],
    [
      'a Service as the destination of an ingress rule',
      ingress('{action: Allow, destination: {services: {name: a, namespace: b}}}'),
      [
        'error 6:35 GlobalNetworkPolicy p: spec.ingress[0].destination.services: not allowed in ingress rule destination',
      ],
    ],
    [
      'a Service without a namespace',
      ingress('{action: Allow, source: {services: {name: a}}}'),
      ['error 6:30 GlobalNetworkPolicy p: spec.ingress[0].source.services: must specify a namespace'],
    ],
    [
      'a Service beside a selector',
      np('ingress:\n- {action: Allow, source: {services: {name: a}, selector: all()}}'),
      [
        'error 6:30 NetworkPolicy p: spec.ingress[0].source.services: cannot specify Selector/NotSelector and Services on the same rule',
      ],
    ],
    [
      'global() among others',
      ingress('{action: Allow, source: {namespaceSelector: global() || has(a)}}'),
      [
        'error 6:49 GlobalNetworkPolicy p: spec.ingress[0].source.namespaceSelector: global() cannot be combined with other selectors',
      ],
    ],
    [
      'global() as a selector',
      ingress('{action: Allow, source: {selector: global()}}'),
      [
        'error 6:40 GlobalNetworkPolicy p: spec.ingress[0].source.selector: global() can only be used in an EntityRule namespaceSelector',
      ],
    ],
    [
      'preDNAT without applyOnForward',
      gnp('preDNAT: true'),
      [
        'error 5:12 GlobalNetworkPolicy p: spec.preDNAT: ApplyOnForward must be true if either PreDNAT or DoNotTrack is true, for a given PolicySpec (write applyOnForward: true)',
      ],
    ],
    [
      'preDNAT and doNotTrack',
      gnp('preDNAT: true\ndoNotTrack: true\napplyOnForward: true'),
      [
        'error 5:12 GlobalNetworkPolicy p: spec.preDNAT: PreDNAT and DoNotTrack cannot both be true, for a given PolicySpec',
      ],
    ],
    [
      'preDNAT with egress',
      gnp('preDNAT: true\napplyOnForward: true\negress: [{action: Allow}]'),
      ['error 7:3 GlobalNetworkPolicy p: spec.egress: PreDNAT PolicySpec cannot have any Egress rules'],
    ],
    [
      'a type twice',
      gnp('types: [Ingress, Ingress]'),
      ["error 5:20 GlobalNetworkPolicy p: spec.types[1]: 'Ingress' type specified more than once"],
    ],
    [
      'a quoted order',
      gnp('order: "10"'),
      ['error 5:10 GlobalNetworkPolicy p: spec.order: expected a number, got "10" (write the number without quotes)'],
    ],
    [
      'fields of hosts in a NetworkPolicy',
      np('doNotTrack: true'),
      [
        'error 5:3 NetworkPolicy p: unknown field doNotTrack in spec (valid here: egress, ingress, order, performanceHints, selector, serviceAccountSelector, tier, types)',
      ],
    ],
    [
      'a host endpoint for nothing',
      object('HostEndpoint', 'node: n1'),
      ['error 5:3 HostEndpoint p: spec: no interface or expected IPs have been specified'],
    ],
    [
      'a port of a host endpoint without ports',
      object('HostEndpoint', 'node: n1\ninterfaceName: eth0\nports: [{name: a, protocol: ICMP, port: 1}]'),
      ['error 7:31 HostEndpoint p: spec.ports[0].protocol: EndpointPort protocol does not support ports.'],
    ],
    [
      'Pass in a profile',
      object('Profile', 'ingress: [{action: Pass}]'),
      ['error 5:22 Profile p: spec.ingress[0].action: a profile cannot Pass'],
    ],
    [
      'a name for a network',
      object('GlobalNetworkSet', 'nets: [example.com]'),
      [
        'error 5:10 GlobalNetworkSet p: spec.nets[0]: expected an address range in CIDR form or an IP address, got "example.com"',
      ],
    ],
    [
      'an order of a tier that is fixed',
      'apiVersion: projectcalico.org/v3\nkind: Tier\nmetadata: {name: default}\nspec: {order: 5}\n',
      ['error 4:15 Tier default: spec.order: default tier order must be 1000000'],
    ],
  ])('%s', (_, text, expected) => {
    // Warnings about what the objects name are a test below.
    expect(problems(text).filter((line) => line.startsWith('error'))).toEqual(expected);
  });

  it.each([
    ["app = 'web'", 'expected an operator such as ==, !=, in, not in, contains at character 5'],
    ['app == web', 'expected a quoted string at character 8'],
    ['has (app)', 'expected an operator such as ==, !=, in, not in, contains at character 5'],
    ["(a == 'b'", 'expected a closing parenthesis at character 10'],
    ["a in ('b')", 'expected { at character 6'],
    ["a == 'b' and c == 'd'", 'expected && or || at character 10'],
  ])('the selector %s', (selector, message) => {
    const [found, ...others] = problems(gnp(`selector: "${selector}"`));
    expect(others).toEqual([]);
    expect(found).toBe(`error 5:13 GlobalNetworkPolicy p: spec.selector: selector "${selector}": ${message}`);
  });

  it('staged policies are read like those they stand for', () => {
    const staged = (kind: string, spec: string): readonly string[] => problems(object(kind, spec));
    expect(staged('StagedNetworkPolicy', 'stagedAction: Learn\nselector: all()')).toEqual([]);
    expect(staged('StagedNetworkPolicy', 'stagedAction: Delete\ntier: default')).toEqual([]);
    expect(staged('StagedNetworkPolicy', 'stagedAction: Delete\nselector: all()')).toEqual([
      'error 6:3 StagedNetworkPolicy p: spec.selector: Spec fields, except Tier, should all be zero-value if stagedAction is Delete',
    ]);
    expect(staged('StagedGlobalNetworkPolicy', 'applyOnForward: true')).toEqual([]);
    expect(staged('StagedKubernetesNetworkPolicy', 'podSelector: {}')).toEqual([]);
    expect(staged('StagedKubernetesNetworkPolicy', 'selector: all()')).toHaveLength(1);
  });
});

describe('between objects', () => {
  const tiered = (name: string, tier: string): string =>
    `apiVersion: projectcalico.org/v3\nkind: GlobalNetworkPolicy\nmetadata: {name: ${name}}\nspec: {tier: ${tier}}\n`;
  const tier = 'apiVersion: projectcalico.org/v3\nkind: Tier\nmetadata: {name: security}\nspec: {order: 5}\n';
  it.each<[string, string, string, readonly string[]]>([
    ['a tier that exists', `${tier}---\n${tiered('security.p', 'security')}`, '3.31', []],
    [
      'a tier that does not',
      `${tier}---\n${tiered('securty.p', 'securty')}`,
      '3.31',
      ['error 9:14 GlobalNetworkPolicy securty.p: spec.tier: there is no tier securty (did you mean security?)'],
    ],
    [
      'a name without the tier',
      `${tier}---\n${tiered('p', 'security')}`,
      '3.31',
      [
        "error 8:18 GlobalNetworkPolicy p: metadata.name: Incorrectly formatted policy name p: before Calico 3.32 it begins with the tier's (write name: security.p)",
      ],
    ],
    ['a name without the tier in 3.32', `${tier}---\n${tiered('p', 'security')}`, '3.32', []],
    [
      'a node that is not there',
      object('HostEndpoint', 'node: workr1\ninterfaceName: eth0'),
      '3.31',
      ['warning 5:9 HostEndpoint p: spec.node: there is no node workr1 (did you mean worker1?)'],
    ],
    [
      'a profile that is not there',
      object('HostEndpoint', 'node: worker1\ninterfaceName: eth0\nprofiles: [x]'),
      '3.31',
      ['warning 7:14 HostEndpoint p: spec.profiles[0]: there is no profile x: what no policy decides about is dropped'],
    ],
    [
      'a Service that is not there',
      np('egress: [{action: Allow, destination: {services: {name: db}}}]'),
      '3.31',
      [
        'warning 5:59 NetworkPolicy default/p: spec.egress[0].destination.services.name: there is no Service default/db: the rule matches nothing',
      ],
    ],
  ])('%s', (_, text, calicoVersion, expected) => {
    expect(problems(text, { calicoVersion })).toEqual(expected);
  });

  it('two administrators of one priority', () => {
    const anp = (name: string): string =>
      `apiVersion: policy.networking.k8s.io/v1alpha1\nkind: AdminNetworkPolicy\nmetadata: {name: ${name}}\nspec: {priority: 3, subject: {namespaces: {}}}\n`;
    expect(problems(`${anp('a')}---\n${anp('b')}`)).toEqual([
      'warning 9:18 AdminNetworkPolicy b: spec.priority: a has the priority 3 as well: which of the two is asked first is not defined',
    ]);
  });
});
