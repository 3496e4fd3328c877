import { describe, expect, test } from 'vitest';
import {
  chainName,
  namedPortSetId,
  podInterfaceName,
  policyGroupChain,
  selectorSetId,
  setName,
  vtepMac,
} from '../../../../src/compile/cni/calico/names.ts';

describe('interfaces', () => {
  test('a Pod gets cali and eleven digits of SHA-1 over namespace and name', () => {
    expect(podInterfaceName('default', 'web-0')).toBe('cali0d7763386da');
  });

  test('a VTEP has a MAC address made of its node name', () => {
    expect(vtepMac('vms81')).toMatch(/^66(:[0-9a-f]{2}){5}$/);
    expect(vtepMac('vms81')).not.toBe(vtepMac('vms82'));
  });
});

describe('chains', () => {
  test.each([
    ['a name of 27 characters stays', 'cali-pi-', 'a'.repeat(19), `cali-pi-${'a'.repeat(19)}`],
    ['a name of 28 characters stays', 'cali-pi-', 'a'.repeat(20), `cali-pi-${'a'.repeat(20)}`],
    ['a longer one is hashed', 'cali-pi-', 'default/default/knp.default.allow-web', 'cali-pi-_Vm_1cJRadOrYgBn0juc'],
    ['the id before 3.29 has no tier', 'cali-pi-', 'default/knp.default.allow-web', 'cali-pi-_QMREAWxglfqoREwyt41'],
  ])('%s', (_, chainPrefix, suffix, name) => {
    expect(chainName(chainPrefix, suffix)).toBe(name);
  });

  test('a name of 28 characters that looks like a hashed one is hashed', () => {
    const name = chainName('cali-pi-', `_${'a'.repeat(19)}`);
    expect(name).toHaveLength(28);
    expect(name).not.toContain('aaaa');
  });

  test('groups of policies have names of 28 characters by direction', () => {
    expect(policyGroupChain('inbound', ['default'])).toMatch(/^cali-gi-[\w-]{20}$/);
    expect(policyGroupChain('outbound', ['default'])).toMatch(/^cali-go-[\w-]{20}$/);
  });
});

describe('IP sets', () => {
  test.each([
    ['all()', 'cali40s:5y5I3VdRZfDU01O--xXAPx2'],
    [
      '(projectcalico.org/namespace == "default" && (projectcalico.org/orchestrator == "k8s" && role == "api"))',
      'cali40s:3PwymWokDgo9_IukxvvxAr5',
    ],
  ])('the set of %s is %s', (canonical, name) => {
    expect(setName(selectorSetId(canonical))).toBe(name);
  });

  test('fixed sets keep their names, long ids are cut to 31 characters', () => {
    expect(setName('masq-ipam-pools')).toBe('cali40masq-ipam-pools');
    expect(setName(namedPortSetId('all()', 'tcp', 'http'))).toMatch(/^cali40n:[\w-]{23}$/);
  });
});
