/** JSON whose strings cannot forge what a terminal shows. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { printSafeJson } from '../../src/report/safe-json.ts';
import { escapeForTerminal } from '../../src/report/terminal.ts';
import { run } from '../seeds/support.ts';

it('reads as what was written, and shows every sign', () => {
  const text = fc.string({ unit: fc.constantFrom('a', '"', '\\', '\n', '\u202e', '\u0085', '\ufeff', '\u001b', '名') });
  fc.assert(
    fc.property(text, fc.constantFrom(undefined, 2), (value, indent) => {
      const printed = printSafeJson({ [value]: [value] }, indent);
      expect(JSON.parse(printed)).toEqual({ [value]: [value] });
      expect(escapeForTerminal(printed.replaceAll('\n', ''))).toBe(printed.replaceAll('\n', ''));
    }),
  );
});

const NAMED = `apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: guard}
spec:
  tier: Admin
  priority: 10
  subject: {namespaces: {}}
  ingress: [{name: "\\u202etxen\\u2066", action: Deny, from: [{namespaces: {}}]}]
`;

it.each([['json'], ['text']])('names of rules in %s show the signs that turn the direction of a line', async (form) => {
  const argv = [
    'policy',
    'default/testpod1',
    'default/testpod2:80',
    '-f',
    'topologies/calico-ipip',
    '-f',
    'p.yaml',
    '-o',
  ];
  const { stdout } = await run([...argv, form], { 'p.yaml': NAMED });
  expect(stdout).toContain('\\u202etxen\\u2066');
  expect(stdout).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/);
});
