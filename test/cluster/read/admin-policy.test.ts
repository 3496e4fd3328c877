import { describe, expect, it } from 'vitest';
import { load, problems } from '../load.ts';

const indent = (text: string): string => text.replaceAll(/^/gm, '  ');
const head = 'apiVersion: policy.networking.k8s.io/';
const anp = (spec: string, name = 'a'): string =>
  `${head}v1alpha1\nkind: AdminNetworkPolicy\nmetadata: {name: ${name}}\nspec:\n${indent(spec)}\n`;
const banp = (spec: string, name = 'default'): string =>
  `${head}v1alpha1\nkind: BaselineAdminNetworkPolicy\nmetadata: {name: ${name}}\nspec:\n${indent(spec)}\n`;
const cnp = (spec: string): string =>
  `${head}v1alpha2\nkind: ClusterNetworkPolicy\nmetadata: {name: c}\nspec:\n${indent(spec)}\n`;

function read(text: string) {
  const loaded = load(text);
  if (!loaded.ok) throw new Error(loaded.issues.map(({ message }) => message).join('\n'));
  const [policy] = loaded.value.cluster.adminPolicies;
  if (policy === undefined) throw new Error('no policy');
  return policy;
}

const SUBJECT = 'priority: 5\nsubject: {namespaces: {}}';
const CNP = 'tier: Admin\npriority: 5\nsubject: {namespaces: {}}';

describe('what is read', () => {
  it('gives all three APIs one form', () => {
    const rule = 'from: [{namespaces: {matchLabels: {a: b}}}]';
    const admin = read(
      anp(`${SUBJECT}\ningress: [{name: x, action: Allow, ${rule}, ports: [{portNumber: {port: 80}}]}]`),
    );
    const cluster = read(
      cnp(`${CNP}\ningress: [{name: x, action: Accept, ${rule}, protocols: [{tcp: {destinationPort: {number: 80}}}]}]`),
    );
    const baseline = read(
      banp(
        `subject: {namespaces: {}}\ningress: [{name: x, action: Allow, ${rule}, ports: [{portNumber: {port: 80}}]}]`,
      ),
    );
    const shape = ({ tier, priority, subject, ingress }: typeof admin) =>
      JSON.parse(
        JSON.stringify({ tier, priority, subject, ingress }, (key, value) => (key === 'source' ? undefined : value)),
      );
    const expected = {
      subject: { namespaceSelector: { matchLabels: {}, matchExpressions: [] } },
      ingress: [
        {
          name: 'x',
          action: 'Accept',
          peers: [
            {
              kind: 'pods',
              namespaces: { kind: 'selector', selector: { matchLabels: { a: 'b' }, matchExpressions: [] } },
            },
          ],
          ports: [{ kind: 'range', protocol: 'TCP', first: 80, last: 80 }],
        },
      ],
    };
    expect(shape(admin)).toEqual({ tier: 'Admin', priority: 5, ...expected });
    expect(shape(cluster)).toEqual({ tier: 'Admin', priority: 5, ...expected });
    expect(shape(baseline)).toEqual({ tier: 'Baseline', priority: 0, ...expected });
  });

  it.each([
    [
      'today',
      'namespaces: {matchLabels: {a: b}}',
      { kind: 'selector', selector: { matchLabels: { a: 'b' }, matchExpressions: [] } },
    ],
    [
      'v0.1.1',
      'namespaces: {namespaceSelector: {matchLabels: {a: b}}}',
      { kind: 'selector', selector: { matchLabels: { a: 'b' }, matchExpressions: [] } },
    ],
    ['v0.1.1, related by labels', 'namespaces: {sameLabels: [team]}', { kind: 'same-labels', keys: ['team'] }],
    [
      'v0.1.1, apart by labels',
      'pods: {namespaces: {notSameLabels: [team]}, podSelector: {}}',
      { kind: 'not-same-labels', keys: ['team'] },
    ],
  ])('takes namespaces in the shape of %s', (_, peer, expected) => {
    const policy = read(anp(`${SUBJECT}\ningress: [{action: Deny, from: [{${peer}}]}]`));
    const [found] = policy.ingress[0]?.peers ?? [];
    expect(JSON.parse(JSON.stringify(found?.kind === 'pods' ? found.namespaces : found))).toEqual(expected);
  });

  it('keeps where each rule, peer and port stands', () => {
    const policy = read(
      anp(
        `${SUBJECT}\negress:\n- action: Deny\n  to:\n  - networks: [10.0.0.0/8]\n  ports:\n  - portRange: {start: 1, end: 9}`,
      ),
    );
    const [rule] = policy.egress;
    const lines = [rule, rule?.peers[0], rule?.ports[0]].map((part) => {
      const { source } = part ?? {};
      return source?.document.locate(source.path).line;
    });
    expect(lines).toEqual([8, 10, 12]);
  });
});

describe('what is refused', () => {
  it.each<[string, string, readonly string[]]>([
    [
      'a priority out of range',
      anp('priority: 1001\nsubject: {namespaces: {}}'),
      [
        'error 5:13 AdminNetworkPolicy a: spec.priority: Invalid value: 1001: spec.priority in body should be less than or equal to 1000',
      ],
    ],
    [
      'a quoted priority',
      anp('priority: "5"\nsubject: {namespaces: {}}'),
      [
        'error 5:13 AdminNetworkPolicy a: spec.priority: Invalid value: "string": spec.priority in body must be of type integer: "string" (write the number without quotes)',
      ],
    ],
    [
      'no subject',
      anp('priority: 5'),
      ['error 5:3 AdminNetworkPolicy a: spec.subject: Required value (expected a mapping)'],
    ],
    [
      'two kinds of subject',
      anp('priority: 5\nsubject: {namespaces: {}, pods: {podSelector: {}}}'),
      [
        'error 6:12 AdminNetworkPolicy a: spec.subject: Too many: 2: must have at most 1 items (namespaces, pods) (write exactly one of namespaces, pods)',
      ],
    ],
    [
      'an empty subject',
      anp('priority: 5\nsubject: {}'),
      [
        'error 6:12 AdminNetworkPolicy a: spec.subject: Invalid value: 0: should have at least 1 properties (write exactly one of namespaces, pods)',
      ],
    ],
    [
      'the word of the other API',
      anp(`${SUBJECT}\ningress: [{action: Accept, from: [{namespaces: {}}]}]`),
      [
        'error 7:22 AdminNetworkPolicy a: spec.ingress[0].action: Unsupported value: "Accept": supported values: "Allow", "Deny", "Pass"',
      ],
    ],
    [
      'Pass in the baseline',
      banp('subject: {namespaces: {}}\ningress: [{action: Pass, from: [{namespaces: {}}]}]'),
      [
        'error 6:22 BaselineAdminNetworkPolicy default: spec.ingress[0].action: Unsupported value: "Pass": supported values: "Allow", "Deny"',
      ],
    ],
    [
      'a baseline of another name',
      banp('subject: {namespaces: {}}', 'mine'),
      [
        'error 3:18 BaselineAdminNetworkPolicy mine: metadata.name: Only one baseline admin network policy with metadata.name="default" can be created in the cluster (write name: default)',
      ],
    ],
    [
      'no peers',
      anp(`${SUBJECT}\ningress: [{action: Deny, from: []}]`),
      ['error 7:28 AdminNetworkPolicy a: spec.ingress[0].from: Invalid value: 0: should have at least 1 items'],
    ],
    [
      'an empty peer',
      anp(`${SUBJECT}\ningress: [{action: Deny, from: [{}]}]`),
      [
        'error 7:35 AdminNetworkPolicy a: spec.ingress[0].from[0]: Invalid value: 0: should have at least 1 properties (write exactly one of namespaces, pods)',
      ],
    ],
    [
      'an egress peer in an ingress rule',
      anp(`${SUBJECT}\ningress: [{action: Deny, from: [{networks: [10.0.0.0/8]}]}]`),
      [
        'error 7:36 AdminNetworkPolicy a: strict decoding error: unknown field "spec.ingress[0].from[0].networks" (valid here: namespaces, pods)',
        'warning 7:35 AdminNetworkPolicy a: spec.ingress[0].from[0]: a peer of an unknown kind: the whole rule fails closed (write exactly one of namespaces, pods)',
      ],
    ],
    [
      'an inverted range',
      anp(`${SUBJECT}\ningress: [{action: Deny, from: [{namespaces: {}}], ports: [{portRange: {start: 9, end: 9}}]}]`),
      [
        'error 7:90 AdminNetworkPolicy a: spec.ingress[0].ports[0].portRange.end: Invalid value: 9: Start port must be less than End port (9)',
      ],
    ],
    [
      'a named port for networks',
      anp(`${SUBJECT}\negress: [{action: Deny, to: [{networks: [10.0.0.0/8]}], ports: [{namedPort: http}]}]`),
      [
        'error 7:12 AdminNetworkPolicy a: spec.egress[0]: networks/nodes/domainNames peer cannot be set with namedPorts since there are no namedPorts for networks/nodes/domainNames',
      ],
    ],
    [
      'domain names that are denied',
      cnp(`${CNP}\negress: [{action: Deny, to: [{domainNames: ["*.example.com"]}]}]`),
      [
        'error 8:27 ClusterNetworkPolicy c: spec.egress[0].to: domainNames may only be used with the actions Accept and Allow',
      ],
    ],
    [
      'more rules than there may be',
      cnp(
        `${CNP}\ningress: [${Array.from({ length: 26 }, () => '{action: Deny, from: [{namespaces: {}}]}').join(', ')}]`,
      ),
      ['error 8:3 ClusterNetworkPolicy c: spec.ingress: Too many: 26: must have at most 25 items'],
    ],
    [
      'a protocol without a port',
      cnp(`${CNP}\ningress: [{action: Deny, from: [{namespaces: {}}], protocols: [{tcp: {}}]}]`),
      [
        'error 8:72 ClusterNetworkPolicy c: spec.ingress[0].protocols[0].tcp: Invalid value: 0: should have at least 1 properties (write exactly one of destinationPort)',
      ],
    ],
    [
      'a mistyped field',
      anp(`${SUBJECT}\ningres: []`),
      ['error 7:3 AdminNetworkPolicy a: strict decoding error: unknown field "spec.ingres" (did you mean ingress?)'],
    ],
    [
      'a namespace',
      `${head}v1alpha1\nkind: AdminNetworkPolicy\nmetadata: {name: a, namespace: b}\nspec: {priority: 1, subject: {namespaces: {}}}\n`,
      [
        'error 3:21 AdminNetworkPolicy b/a: metadata.namespace: AdminNetworkPolicy is not namespaced (take the namespace away; spec.subject says whom the policy is for)',
      ],
    ],
    [
      'another version',
      `${head}v1\nkind: AdminNetworkPolicy\nmetadata: {name: a}\nspec: {}\n`,
      [
        'error 1:13 AdminNetworkPolicy of policy.networking.k8s.io/v1 is not read: expected apiVersion policy.networking.k8s.io/v1alpha1 (write apiVersion: policy.networking.k8s.io/v1alpha1)',
      ],
    ],
  ])('%s', (_, text, expected) => {
    expect(problems(text)).toEqual(expected);
  });

  it('a bad policy does not hide what is wrong with another', () => {
    expect(problems(`${anp('priority: -1\nsubject: {namespaces: {}}')}---\n${anp('priority: 7', 'b')}`)).toHaveLength(
      2,
    );
  });
});
