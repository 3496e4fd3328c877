import { describe, expect, test } from 'vitest';
import type { CalicoEntityRule, CalicoSelector } from '../../../../src/cluster/policy/calico-policy.ts';
import { printSelector } from '../../../../src/cluster/policy/selector.ts';
import { parseSelector } from '../../../../src/cluster/policy/selector-parse.ts';
import { entitySelectors } from '../../../../src/compile/cni/calico/entity-selector.ts';

function written(text: string): CalicoSelector {
  const parsed = parseSelector(text);
  if (!parsed.ok) throw new Error(text);
  return { text, selector: parsed.value };
}

const entity = (fields: Partial<CalicoEntityRule>): CalicoEntityRule => ({
  ...{ nets: [], notNets: [], ports: [], notPorts: [] },
  ...fields,
});

/** libcalico-go rules_test.go and felix rule_scanner_test.go: what a rule's end becomes. */
describe('the end of a rule becomes', () => {
  test.each<[string, Partial<CalicoEntityRule>, string | undefined, string, string]>([
    ['nothing without selectors, even in a namespace', {}, 'shop', '', ''],
    ['its selector in a global policy', { selector: written("a == 'b'") }, undefined, 'a == "b"', ''],
    [
      'its selector in the own namespace',
      { selector: written("a == 'b'") },
      'shop',
      '(projectcalico.org/namespace == "shop" && a == "b")',
      '',
    ],
    [
      'the own namespace without what it must not be',
      { notSelector: written("a == 'b'") },
      'shop',
      '(projectcalico.org/namespace == "shop" && !a == "b")',
      '',
    ],
    ['a negated set in a global policy', { notSelector: written("a == 'b'") }, undefined, '', 'a == "b"'],
    [
      'namespaces by their labels',
      { namespaceSelector: written("x == 'y' || has(z)") },
      'shop',
      '(pcns.x == "y" || has(pcns.z))',
      '',
    ],
    ['all namespaces', { namespaceSelector: written('all()') }, undefined, 'has(projectcalico.org/namespace)', ''],
    ['no namespace', { namespaceSelector: written('global()') }, undefined, '!has(projectcalico.org/namespace)', ''],
    [
      'Pods of other namespaces',
      { selector: written("a == 'b'"), namespaceSelector: written("x == 'y'") },
      'shop',
      '(pcns.x == "y" && a == "b")',
      '',
    ],
    [
      'service accounts by name and label',
      { serviceAccounts: { names: ['b', 'a'], selector: written("x == 'y'") } },
      undefined,
      '(pcsa.x == "y" && projectcalico.org/serviceaccount in {"a", "b"})',
      '',
    ],
    [
      'service accounts beside a selector',
      { selector: written('has(c)'), serviceAccounts: { names: ['a'] } },
      'shop',
      '(projectcalico.org/namespace == "shop" && (projectcalico.org/serviceaccount in {"a"} && has(c)))',
      '',
    ],
  ])('%s', (_, fields, namespace, selector, notSelector) => {
    const found = entitySelectors(entity(fields), namespace);
    expect(found.selector === undefined ? '' : printSelector(found.selector)).toBe(selector);
    expect(found.notSelector === undefined ? '' : printSelector(found.notSelector)).toBe(notSelector);
  });
});
