/** `nettrace lint` as it is called: forms, exit codes, options. */
import { describe, expect, it } from 'vitest';
import { run } from '../seeds/support.ts';

const LAB = `apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {containers: [{name: c, image: i, ports: [{name: http, containerPort: 8080}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: web
  namespace: shop
spec:
  podSelector: {matchLabels: {app: web}}
  policyTypes: [Ingress]
  ingress:
    - from:
        - namespaceSelector: {}
        - podSelector: {matchLabels: {app: wbe}}
        - ipBlock: {cidr: 198.51.100.7/24}
      ports:
        - {port: 80}
  egress:
    - {}
`;
const QUIET = LAB.replace('  egress:\n    - {}\n', '').replace('port: 80}\n', 'port: 8080}\n');
const FILES = { 'dir a/lab,1.yaml': LAB, 'quiet.yaml': QUIET, 'broken.yaml': 'kind: Pod\n' };
const call = (...words: readonly string[]) => run(['lint', '-f', 'dir a/lab,1.yaml', ...words], FILES);

describe('nettrace lint', () => {
  it.each<readonly [name: string, words: readonly string[]]>([
    ['lint', []],
    ['lint.zh', ['--lang', 'zh']],
    ['lint-json', ['-o', 'json']],
    ['lint-sarif', ['-o', 'sarif']],
    ['lint-github', ['-o', 'github']],
    ['lint-github.zh', ['-o', 'github', '--lang', 'zh']],
  ])('prints %s', async (name, words) => {
    const { code, stdout, stderr } = await call(...words);
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    await expect(stdout).toMatchFileSnapshot(`golden/${name}.txt`);
  });

  it.each<readonly [name: string, words: readonly string[]]>([
    ['lint-list', ['--list']],
    ['lint-list.zh', ['--list', '--lang', 'zh']],
    ['lint-explain', ['--explain', 'split-peer']],
    ['lint-explain.zh', ['--explain', 'split-peer', '--lang', 'zh']],
  ])('describes rules: %s', async (name, words) => {
    const { code, stdout } = await run(['lint', ...words], {});
    expect(code).toBe(0);
    await expect(stdout).toMatchFileSnapshot(`golden/${name}.txt`);
  });

  it('gives JSON with the keys of the contract', async () => {
    const { stdout } = await call('-o', 'json');
    const { findings }: { findings: readonly object[] } = JSON.parse(stdout);
    expect(findings.length).toBeGreaterThan(3);
    for (const finding of findings)
      expect(Object.keys(finding)).toEqual(
        expect.arrayContaining(['rule', 'severity', 'message', 'file', 'line', 'object']),
      );
  });

  it.each<readonly [row: string, words: readonly string[], code: number]>([
    ['warnings alone', [], 0],
    ['warnings from the threshold on', ['--fail-on', 'warning'], 1],
    [
      'infos below the threshold',
      ['--fail-on', 'warning', '--disable', 'host-bits,split-peer', '--disable', 'selector-matches-nothing'],
      0,
    ],
    ['infos from the threshold on', ['--fail-on', 'info'], 1],
  ])('exits by severity: %s', async (_, words, code) => {
    expect(await run(['lint', '-f', 'quiet.yaml', ...words], FILES)).toMatchObject({ code, stderr: '' });
  });

  it.each<readonly [row: string, words: readonly string[], code: number, message: string]>([
    ['invalid input', ['-f', 'broken.yaml'], 65, 'apiVersion'],
    ['no input', ['-f', 'nowhere.yaml'], 66, 'no such file'],
    ['an unknown form', ['-f', 'quiet.yaml', '-o', 'jsn'], 64, 'unknown output jsn (did you mean json?)'],
    ['an unknown severity', ['-f', 'quiet.yaml', '--fail-on', 'warn'], 64, 'unknown severity warn'],
    [
      'an unknown rule',
      ['-f', 'quiet.yaml', '--disable', 'split-pear'],
      64,
      'unknown rule split-pear (did you mean split-peer',
    ],
    ['an unknown rule to explain', ['--explain', 'x'], 64, 'unknown rule x'],
  ])('refuses %s', async (_, words, code, message) => {
    const ran = await run(['lint', ...words], FILES);
    expect(ran).toMatchObject({ code, stdout: '' });
    expect(ran.stderr).toContain(message);
  });
});
