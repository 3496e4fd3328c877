/** Manifests in a few lines, and what lint says of them. */
import { invariant } from '../../src/lib/assert.ts';
import { lint } from '../../src/lint/lint.ts';
import type { Finding } from '../../src/lint/rule.ts';
import { loadTopology } from '../../src/topology/load.ts';

const FILE = 'lab.yaml';

/** Stands at the line where a finding is expected. */
const MARK = '# <-';

export function lintText(
  text: string,
  more: { readonly lenient?: boolean; readonly file?: string } = {},
): readonly Finding[] {
  const inputs = [{ file: more.file ?? FILE, text }];
  const loaded = loadTopology(inputs, { lenient: more.lenient ?? false });
  invariant(loaded.ok, loaded.ok ? '' : loaded.issues.map(({ at, message }) => `${at?.line}: ${message}`).join('\n'));
  return lint(loaded.value, inputs);
}

export function linesOf(findings: readonly Finding[], rule: string): readonly number[] {
  return findings.filter((finding) => finding.rule === rule).map(({ at }) => at?.line ?? 0);
}

export function markedLines(text: string): readonly number[] {
  return text.split('\n').flatMap((line, index) => (line.includes(MARK) ? [index + 1] : []));
}

/** Documents, one after the other. */
export function yaml(...documents: readonly string[]): string {
  return documents.map((document) => document.trim()).join('\n---\n');
}

export function pod(
  name: string,
  labels: string,
  more: { readonly namespace?: string; readonly ports?: string; readonly spec?: string; readonly listen?: string } = {},
): string {
  const { namespace = 'shop', ports = '[{name: http, containerPort: 8080}]', spec = '', listen } = more;
  const annotations = listen === undefined ? '' : `, annotations: {nettrace/listen: "${listen}"}`;
  return `{apiVersion: v1, kind: Pod, metadata: {name: ${name}, namespace: ${namespace}, labels: {${labels}}${annotations}}, spec: {${spec}containers: [{name: c, image: i, ports: ${ports}}]}}`;
}

export function service(name: string, selector: string, ports: string, more = ''): string {
  return `{apiVersion: v1, kind: Service, metadata: {name: ${name}, namespace: shop}, spec: {${more}selector: {${selector}}, ports: ${ports}}}`;
}

/** A NetworkPolicy of namespace shop; `spec` is indented by two. */
export function policy(name: string, spec: string, namespace = 'shop'): string {
  return `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: ${name}
  namespace: ${namespace}
spec:
${spec.replace(/^\n/, '')}`;
}

export const NAMESPACES = yaml(
  '{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {team: shop}}}',
  '{apiVersion: v1, kind: Namespace, metadata: {name: mon, labels: {team: mon}}}',
);
export const WEB = pod('web', 'app: web');
export const DB = pod('db', 'app: db', { ports: '[{name: sql, containerPort: 5432}]' });
export const PROBE = pod('probe', 'app: probe', { namespace: 'mon' });
/** web, db and, in another namespace, probe. */
export const SHOP = yaml(NAMESPACES, WEB, DB, PROBE);

export const DNS = yaml(
  pod('coredns', 'k8s-app: kube-dns', {
    namespace: 'kube-system',
    ports: '[{name: dns, containerPort: 53, protocol: UDP}, {name: dns-tcp, containerPort: 53}]',
  }),
  `apiVersion: v1
kind: Service
metadata: {name: kube-dns, namespace: kube-system}
spec: {selector: {k8s-app: kube-dns}, ports: [{name: dns, port: 53, protocol: UDP, targetPort: dns}, {name: dns-tcp, port: 53, targetPort: dns-tcp}]}`,
);
