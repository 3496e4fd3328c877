import { describe, expect, it } from 'vitest';
import type { ClusterSettings } from '../../../src/cluster/settings.ts';
import type { Source } from '../../../src/cluster/source.ts';
import { printIp } from '../../../src/net/address.ts';
import { clusterOf, prefix, problems } from '../load.ts';

const RANGES = {
  'IPv4, then IPv6': ['10.96.0.0/16', 'fd00:10:96::/112'],
  'IPv6, then IPv4': ['fd00:10:96::/112', '10.96.0.0/16'],
  'IPv4 alone': ['10.96.0.0/16'],
  'IPv6 alone': ['fd00:10:96::/112'],
} as const;
type Ranges = keyof typeof RANGES;

function service(spec: string): string {
  return `apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: ${spec}\n`;
}

/** A Cluster document that gives the field. */
const WRITTEN: Source = {
  document: { file: 'c', value: { spec: { serviceCIDRs: [] } }, locate: () => ({ file: 'c', line: 1, column: 1 }) },
  path: [],
};

/** As kube-apiserver's --service-cluster-ip-range gives them. */
function settings(ranges: Ranges): Partial<ClusterSettings> {
  return { serviceCIDRs: RANGES[ranges].map(prefix), source: WRITTEN };
}

const PORTS = 'ports: [{port: 80}]';
const WEB = `selector: {app: web}, ${PORTS}`;

describe('the cluster addresses of a Service (initIPFamilyFields(), allocClusterIPs())', () => {
  const rows: readonly (readonly [spec: string, ranges: Ranges, addresses: string, families: string])[] = [
    [`{${WEB}}`, 'IPv4, then IPv6', '10.96.1.0', '4'],
    [`{${WEB}}`, 'IPv6, then IPv4', 'fd00:10:96::100', '6'],
    [`{${WEB}}`, 'IPv6 alone', 'fd00:10:96::100', '6'],
    [`{ipFamilyPolicy: SingleStack, ${WEB}}`, 'IPv4, then IPv6', '10.96.1.0', '4'],
    [`{ipFamilies: [IPv6], ${WEB}}`, 'IPv4, then IPv6', 'fd00:10:96::100', '6'],
    [`{ipFamilyPolicy: PreferDualStack, ${WEB}}`, 'IPv4, then IPv6', '10.96.1.0 fd00:10:96::100', '4 6'],
    [`{ipFamilyPolicy: PreferDualStack, ${WEB}}`, 'IPv6, then IPv4', 'fd00:10:96::100 10.96.1.0', '6 4'],
    [`{ipFamilyPolicy: PreferDualStack, ${WEB}}`, 'IPv4 alone', '10.96.1.0', '4'],
    [
      `{ipFamilyPolicy: PreferDualStack, ipFamilies: [IPv6], ${WEB}}`,
      'IPv4, then IPv6',
      'fd00:10:96::100 10.96.1.0',
      '6 4',
    ],
    [`{ipFamilyPolicy: RequireDualStack, ${WEB}}`, 'IPv4, then IPv6', '10.96.1.0 fd00:10:96::100', '4 6'],
    [`{clusterIP: "fd00:10:96::7", ${WEB}}`, 'IPv4, then IPv6', 'fd00:10:96::7', '6'],
    [
      `{ipFamilyPolicy: PreferDualStack, clusterIP: "fd00:10:96::7", ${WEB}}`,
      'IPv4, then IPv6',
      'fd00:10:96::7 10.96.1.0',
      '6 4',
    ],
    [
      `{ipFamilyPolicy: RequireDualStack, clusterIP: 10.96.0.7, clusterIPs: [10.96.0.7, "fd00:10:96::7"], ${WEB}}`,
      'IPv4, then IPv6',
      '10.96.0.7 fd00:10:96::7',
      '4 6',
    ],
    [`{clusterIP: None, ${WEB}}`, 'IPv4, then IPv6', '', '4'],
    [`{clusterIP: None, ipFamilyPolicy: PreferDualStack, ${WEB}}`, 'IPv4, then IPv6', '', '4 6'],
    // Headless and without a selector: both, whatever the cluster has.
    [`{clusterIP: None, ${PORTS}}`, 'IPv4 alone', '', '4 6'],
    [`{clusterIP: None, ipFamilyPolicy: SingleStack, ${PORTS}}`, 'IPv4, then IPv6', '', '4'],
  ];
  it.each(rows)('%s with %s: %s', (spec, ranges, addresses, families) => {
    const found = clusterOf(service(spec), settings(ranges)).service('default', 'web');
    expect(found?.clusterIps.map(printIp).join(' ')).toBe(addresses);
    expect(found?.ipFamilies?.join(' ')).toBe(families);
  });

  it('kubernetes and kube-dns have the same place in both ranges', () => {
    const text = `
apiVersion: v1
kind: Service
metadata: {name: kube-dns, namespace: kube-system}
spec: {ipFamilyPolicy: PreferDualStack, selector: {a: b}, ports: [{port: 53}]}
`;
    const found = clusterOf(text, settings('IPv4, then IPv6')).service('kube-system', 'kube-dns');
    expect(found?.clusterIps.map(printIp)).toEqual(['10.96.0.10', 'fd00:10:96::a']);
  });
});

describe("what is refused, in the API server's words", () => {
  const rows: readonly (readonly [spec: string, ranges: Ranges, words: string])[] = [
    [
      `{ipFamilyPolicy: RequireDualStack, ${WEB}}`,
      'IPv4 alone',
      'spec.ipFamilyPolicy: Invalid value: "RequireDualStack": this cluster is not configured for dual-stack services',
    ],
    [
      `{ipFamilies: [IPv6], ${WEB}}`,
      'IPv4 alone',
      'spec.ipFamilies[0]: Invalid value: "IPv6": not configured on this cluster',
    ],
    [
      `{clusterIP: "fd00:10:96::7", ${WEB}}`,
      'IPv4 alone',
      'spec.clusterIPs[0]: Invalid value: ["fd00:10:96::7"]: IPv6 is not configured on this cluster',
    ],
    [
      `{ipFamilies: [IPv4, IPv6], ${WEB}}`,
      'IPv4, then IPv6',
      "spec.ipFamilyPolicy: Invalid value: \"SingleStack\": must be 'RequireDualStack' or 'PreferDualStack' when multiple IP families are specified",
    ],
    [
      `{clusterIP: 10.96.0.7, clusterIPs: [10.96.0.7, "fd00:10:96::7"], ${WEB}}`,
      'IPv4, then IPv6',
      "spec.ipFamilyPolicy: Invalid value: \"SingleStack\": must be 'RequireDualStack' or 'PreferDualStack' when multiple cluster IPs are specified",
    ],
    [
      `{ipFamilyPolicy: PreferDualStack, ipFamilies: [IPv4, IPv4], ${WEB}}`,
      'IPv4, then IPv6',
      'spec.ipFamilies[1]: Duplicate value: "IPv4"',
    ],
    [
      `{ipFamilyPolicy: PreferDualStack, clusterIP: 10.96.0.7, clusterIPs: [10.96.0.7, 10.96.0.8], ${WEB}}`,
      'IPv4, then IPv6',
      'spec.clusterIPs: Invalid value: ["10.96.0.7","10.96.0.8"]: may specify no more than one IP for each IP family',
    ],
    [
      `{ipFamilyPolicy: PreferDualStack, clusterIP: 10.96.0.7, clusterIPs: [10.96.0.7, "fd00:10:96::7", 10.96.0.8], ${WEB}}`,
      'IPv4, then IPv6',
      'spec.clusterIPs: Invalid value: ["10.96.0.7","fd00:10:96::7","10.96.0.8"]: may only hold up to 2 values',
    ],
    [
      `{clusterIP: 10.96.0.7, clusterIPs: [10.96.0.8], ${WEB}}`,
      'IPv4, then IPv6',
      'spec.clusterIPs: Invalid value: ["10.96.0.8"]: first value must match `clusterIP`',
    ],
    [
      `{clusterIP: None, clusterIPs: [None, 10.96.0.8], ${WEB}}`,
      'IPv4, then IPv6',
      'spec.clusterIPs: Invalid value: ["None","10.96.0.8"]: \'None\' must be the first and only value',
    ],
    [
      `{clusterIP: 10.96.0.7, ipFamilies: [IPv6], ${WEB}}`,
      'IPv4, then IPv6',
      'spec.clusterIPs[0]: Invalid value: "10.96.0.7": expected an IPv6 value as indicated by `ipFamilies[0]`',
    ],
    [
      '{type: ExternalName, externalName: example.org, ipFamilies: [IPv4]}',
      'IPv4, then IPv6',
      'spec.ipFamilies: Forbidden: may not be set for ExternalName services',
    ],
    [
      '{type: ExternalName, externalName: example.org, ipFamilyPolicy: SingleStack}',
      'IPv4 alone',
      'spec.ipFamilyPolicy: Forbidden: may not be set for ExternalName services',
    ],
  ];
  it.each(rows)('%s with %s', (spec, ranges, words) => {
    const found = problems(service(spec), settings(ranges));
    expect(found.join('\n')).toContain(words);
    expect(found.filter((problem) => problem.startsWith('error')).length).toBeGreaterThan(0);
  });
});
