/** Who gets a request: tables of hosts, paths and headers against small sets of Ingresses and routes. */
import { describe, expect, it } from 'vitest';
import type { HttpDecision, HttpRequest } from '../../../src/cluster/http/decision.ts';
import { routeGateway } from '../../../src/cluster/http/route-gateway.ts';
import { routeIngress } from '../../../src/cluster/http/route-ingress.ts';
import { invariant } from '../../../src/lib/assert.ts';
import { ip4 } from '../../../src/net/address.ts';
import { loadText } from '../../seeds/support.ts';

const CLUSTER = `apiVersion: nettrace/v1alpha1
kind: Cluster
metadata: {name: lab}
spec: {nodes: [{name: n1, address: 192.168.0.11/24}]}
`;

function request(url: string, headers: Readonly<Record<string, string>> = {}): HttpRequest {
  const [, scheme = '', host = '', path = '', search = ''] = /^(https?):\/\/([^/]*)([^?]*)\??(.*)$/.exec(url) ?? [];
  return {
    scheme: scheme === 'https' ? 'https' : 'http',
    host,
    path,
    query: new Map(new URLSearchParams(search)),
    method: 'GET',
    headers: new Map(Object.entries(headers)),
    client: ip4(0x0a000001),
  };
}

/** `web:80`, `a:80 x1, b:80 x4`, `404 path-unmatched`, `unknown`. */
function outcome(decision: HttpDecision): string {
  switch (decision.kind) {
    case 'backends':
      return decision.choices
        .map(({ service, port, weight }) => `${service}:${port}${decision.choices.length > 1 ? ` x${weight}` : ''}`)
        .join(', ');
    case 'answer':
      return [decision.status, decision.why, ...(decision.location === undefined ? [] : [decision.location])].join(' ');
    case 'unknown':
      return `unknown: ${decision.missing}`;
  }
}

type Path = readonly [path: string, type: 'Exact' | 'Prefix' | 'ImplementationSpecific', service: string];

function ingress(
  name: string,
  host: string,
  paths: readonly Path[],
  {
    annotations = '',
    spec = '',
    className = 'nginx',
  }: { annotations?: string; spec?: string; className?: string } = {},
): string {
  const rules = paths.map(
    ([path, type, service]) =>
      `{path: "${path}", pathType: ${type}, backend: {service: {name: ${service}, port: {number: 80}}}}`,
  );
  return `---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: ${name}, annotations: {${annotations}}}
spec:
  ${className === '' ? '' : `ingressClassName: ${className}`}
  ${spec}
  rules: [{${host === '' ? '' : `host: "${host}", `}http: {paths: [${rules.join(', ')}]}}]
`;
}

const NGINX = 'nginx.ingress.kubernetes.io';
const SHOP = ingress('shop', 'shop.io', [
  ['/', 'Prefix', 'root'],
  ['/api', 'Prefix', 'api'],
  ['/api/v2', 'Prefix', 'v2'],
  ['/api', 'Exact', 'exact'],
  ['/old', 'ImplementationSpecific', 'old'],
]);
const ONLY_API = ingress('shop', 'shop.io', [['/api', 'Prefix', 'api']]);
const catchAll = ingress('all', '', [['/', 'Prefix', 'everything']]);

describe('ingress-nginx', () => {
  it.each<readonly [row: string, ingresses: string, url: string, expected: string]>([
    ['takes the exact path before a prefix', SHOP, 'http://shop.io/api', 'exact:80'],
    ['takes the longest prefix', SHOP, 'http://shop.io/api/v2/x', 'v2:80'],
    ['ends a Prefix at a slash', SHOP, 'http://shop.io/apiary', 'root:80'],
    ['lets an ImplementationSpecific path be the start of a word', SHOP, 'http://shop.io/older', 'old:80'],
    ['answers 404 where no path of the host fits', ONLY_API, 'http://shop.io/web', '404 path-unmatched'],
    ['answers 404 for a host of nobody', ONLY_API, 'http://www.io/api', '404 host-unmatched'],
    ['takes a rule without a host for every host', ONLY_API + catchAll, 'http://www.io/', 'everything:80'],
    ['keeps a known host from the rule without a host', ONLY_API + catchAll, 'http://shop.io/', '404 path-unmatched'],
    [
      'uses the default backend of the Ingress for other paths of its host',
      ingress('shop', 'shop.io', [['/api', 'Prefix', 'api']], {
        spec: 'defaultBackend: {service: {name: rest, port: {number: 80}}}',
      }),
      'http://shop.io/',
      'rest:80',
    ],
    [
      'lets a wildcard stand for one label',
      ingress('wild', '*.shop.io', [['/', 'Prefix', 'wild']]),
      'http://a.shop.io/',
      'wild:80',
    ],
    [
      'does not let a wildcard stand for two labels',
      ingress('wild', '*.shop.io', [['/', 'Prefix', 'wild']]),
      'http://a.b.shop.io/',
      '404 host-unmatched',
    ],
    [
      'takes the exact host before a wildcard',
      ingress('wild', '*.shop.io', [['/', 'Prefix', 'wild']]) + ingress('a', 'a.shop.io', [['/', 'Prefix', 'own']]),
      'http://a.shop.io/',
      'own:80',
    ],
    [
      'leaves an Ingress of another class alone',
      ingress('shop', 'shop.io', [['/', 'Prefix', 'root']], { className: 'traefik' }),
      'http://shop.io/',
      '404 class-unhandled',
    ],
    [
      'leaves an Ingress without a class alone',
      ingress('shop', 'shop.io', [['/', 'Prefix', 'root']], { className: '' }),
      'http://shop.io/',
      '404 class-unhandled',
    ],
    [
      'redirects to https where the host has a certificate',
      ingress('shop', 'shop.io', [['/', 'Prefix', 'root']], { spec: 'tls: [{hosts: [shop.io]}]' }),
      'http://shop.io/x',
      '308 redirect https://shop.io/x',
    ],
    [
      'answers https itself',
      ingress('shop', 'shop.io', [['/', 'Prefix', 'root']], { spec: 'tls: [{hosts: [shop.io]}]' }),
      'https://shop.io/x',
      'root:80',
    ],
    [
      'does not redirect where ssl-redirect is off',
      ingress('shop', 'shop.io', [['/', 'Prefix', 'root']], {
        spec: 'tls: [{hosts: [shop.io]}]',
        annotations: `${NGINX}/ssl-redirect: "false"`,
      }),
      'http://shop.io/x',
      'root:80',
    ],
    [
      'refuses a client outside the ranges',
      ingress('shop', 'shop.io', [['/', 'Prefix', 'root']], {
        annotations: `${NGINX}/whitelist-source-range: "10.1.0.0/16,192.168.0.0/16"`,
      }),
      'http://shop.io/',
      '403 source-denied',
    ],
    [
      'reads a path with rewrite-target as a pattern',
      ingress('shop', 'shop.io', [['/API(/|$)(.*)', 'ImplementationSpecific', 'api']], {
        annotations: `${NGINX}/rewrite-target: /$2`,
      }),
      'http://shop.io/api/x',
      'api:80',
    ],
    [
      'says so where a pattern would have to be run',
      ingress('shop', 'shop.io', [['/(a|b)+$', 'ImplementationSpecific', 'api']], {
        annotations: `${NGINX}/use-regex: "true"`,
      }),
      'http://shop.io/aaaa',
      'unknown: the pattern /(a|b)+$',
    ],
    [
      'gives a canary its share',
      ONLY_API +
        ingress('canary', 'shop.io', [['/api', 'Prefix', 'next']], {
          annotations: `${NGINX}/canary: "true", ${NGINX}/canary-weight: "20"`,
        }),
      'http://shop.io/api',
      'api:80 x80, next:80 x20',
    ],
    [
      'answers for an alias of the host',
      ingress('shop', 'shop.io', [['/', 'Prefix', 'root']], { annotations: `${NGINX}/server-alias: "www.shop.io"` }),
      'http://www.shop.io/',
      'root:80',
    ],
  ])('%s', (_, ingresses, url, expected) => {
    const { cluster } = loadText(`${CLUSTER}${ingresses}`);
    expect(outcome(routeIngress(cluster, 'k8s.io/ingress-nginx', request(url)))).toBe(expected);
  });

  it('sends requests with the canary header to the canary', () => {
    const { cluster } = loadText(
      `${CLUSTER}${ONLY_API}${ingress('canary', 'shop.io', [['/api', 'Prefix', 'next']], {
        annotations: `${NGINX}/canary: "true", ${NGINX}/canary-by-header: "X-Next"`,
      })}`,
    );
    const ask = (headers: Readonly<Record<string, string>>): string =>
      outcome(routeIngress(cluster, 'k8s.io/ingress-nginx', request('http://shop.io/api', headers)));
    expect([ask({}), ask({ 'x-next': 'always' }), ask({ 'x-next': 'never' })]).toEqual(['api:80', 'next:80', 'api:80']);
  });
});

const GATEWAY = `---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: front, namespace: default}
spec:
  gatewayClassName: example
  listeners:
    - {name: http, port: 80, protocol: HTTP}
    - {name: shop, port: 80, protocol: HTTP, hostname: "*.shop.io"}
`;

function route(name: string, rules: string, fields = ''): string {
  return `---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: ${name}, namespace: default}
spec:
  parentRefs: [{name: front}]
  ${fields}
  rules: ${rules}
`;
}

const to = (service: string, matches = ''): string => `{${matches} backendRefs: [{name: ${service}, port: 80}]}`;

describe('Gateway API', () => {
  it.each<readonly [row: string, routes: string, url: string, expected: string]>([
    ['takes every path without matches', route('a', `[${to('web')}]`), 'http://x.io/any', 'web:80'],
    [
      'takes the exact path, then the longest prefix',
      route(
        'a',
        `[${to('root', 'matches: [{path: {value: /}}],')}, ${to('long', 'matches: [{path: {value: /a/b}}],')}, ${to('exact', 'matches: [{path: {type: Exact, value: /a}}],')}]`,
      ),
      'http://x.io/a',
      'exact:80',
    ],
    [
      'asks for every header of a match',
      route('a', `[${to('web', 'matches: [{headers: [{name: X-A, value: "1"}]}],')}]`),
      'http://x.io/',
      '404 path-unmatched',
    ],
    [
      'asks for query parameters',
      route('a', `[${to('web', 'matches: [{queryParams: [{name: q, value: "1"}]}],')}]`),
      'http://x.io/?q=1',
      'web:80',
    ],
    [
      'lets a wildcard hostname stand for several labels',
      route('a', `[${to('web')}]`, 'hostnames: ["*.x.io"]'),
      'http://a.b.x.io/',
      'web:80',
    ],
    [
      'takes the more specific hostname before the longer path',
      route('a', `[${to('wild', 'matches: [{path: {value: /long}}],')}]`, 'hostnames: ["*.x.io"]') +
        route('b', `[${to('exact')}]`, 'hostnames: ["a.x.io"]'),
      'http://a.x.io/long',
      'exact:80',
    ],
    [
      'knows no route of a hostname that none names',
      route('a', `[${to('web')}]`, 'hostnames: [y.io]'),
      'http://x.io/',
      '404 host-unmatched',
    ],
    [
      'shares by weight and leaves weight 0 out',
      route(
        'a',
        '[{backendRefs: [{name: a, port: 80, weight: 3}, {name: b, port: 80}, {name: c, port: 80, weight: 0}]}]',
      ),
      'http://x.io/',
      'a:80 x3, b:80 x1',
    ],
    ['answers 500 without a backend', route('a', '[{}]'), 'http://x.io/', '500 no-backend'],
    [
      'redirects',
      route('a', '[{filters: [{type: RequestRedirect, requestRedirect: {scheme: https, statusCode: 301}}]}]'),
      'http://x.io/p',
      '301 redirect https://x.io/p',
    ],
    [
      'says so where a regular expression would have to be run',
      route('a', `[${to('web', 'matches: [{path: {type: RegularExpression, value: "/(a+)+"}}],')}]`),
      'http://x.io/a',
      'unknown: the regular expression in HTTPRoute default/a rules[0]',
    ],
  ])('%s', (_, routes, url, expected) => {
    const { cluster } = loadText(`${CLUSTER}${GATEWAY}${routes}`);
    const [gateway] = cluster.gateways;
    invariant(gateway !== undefined, 'the gateway was read');
    expect(outcome(routeGateway(cluster, gateway, 80, request(url)))).toBe(expected);
  });
});
