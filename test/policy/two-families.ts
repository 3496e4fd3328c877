/** Documents that speak of IPv4 only, so that half of them speak of IPv6 instead: clusters of both families need both. */
import { policyToIpv6 } from '../kernel/lab/policy-ipv6.ts';
import type { Random } from '../kernel/lab/random.ts';

/** What names addresses of Pods. */
export const OF_PODS = /"kind":"\w*(Policy|NetworkSet)"/;
/** What names those of machines as well. */
export const OF_HOSTS = /"kind":"(\w*(Policy|NetworkSet)|HostEndpoint|FelixConfiguration)"/;

export function someToIpv6(random: Random, documents: readonly object[], kinds: RegExp): readonly object[] {
  return documents.map((document) => {
    const text = JSON.stringify(document);
    return kinds.test(text) && random.chance(0.5) ? parse(policyToIpv6(text)) : document;
  });
}

/** The same, with rules for machines about the messages by which IPv6 finds neighbours, and about the addresses of these. */
export function someToDiscovery(random: Random, documents: readonly object[]): readonly object[] {
  return someToIpv6(random, documents, OF_HOSTS).map((document) => {
    const text = JSON.stringify(document);
    if (!/"name":"host-\d/.test(text)) return document;
    const ofMessages = text.replaceAll('"type":128', () => `"type":${random.pick(TYPES)}`);
    return parse(
      ofMessages.replaceAll(/"fd00:10:244:1::[^"]*"/g, (net) => (random.chance(0.5) ? `"${random.pick(NETS)}"` : net)),
    );
  });
}

/** Host endpoints that expect several addresses of their node, of both families and of its tunnels. */
export function someToManyAddresses(random: Random, documents: readonly object[]): readonly object[] {
  return documents.map((document) => {
    const text = JSON.stringify(document);
    const node = /"kind":"HostEndpoint".*"node":"n(\d)"/.exec(text)?.[1];
    if (node === undefined || random.chance(0.5)) return document;
    const own = [`192.168.1.1${node}`, `fd00:1::1${node}`, `10.244.${node}.0`, `fd00:10:244:${node}::`];
    const ips = JSON.stringify([random.pick(own), ...random.some(own, 2)]);
    return parse(text.replace(/"expectedIPs":\[[^\]]*\]/, `"expectedIPs":${ips}`));
  });
}

/** The cluster and its client with the second of their two families alone. */
export function ofIpv6Alone(documents: readonly object[]): readonly object[] {
  return documents.map((document) => {
    const text = JSON.stringify(document);
    if (!/"kind":"(Cluster|Host)"/.test(text)) return document;
    return parse(
      text.replace(/\["[^\]]*\]/g, (list) => {
        const six = list.match(/"[^"]*:[^"]*"/g) ?? [];
        return six.length === 0 ? list : `[${six.join()}]`;
      }),
    );
  });
}

/** Echo request, neighbour solicitation, neighbour advertisement. */
const TYPES = [128, 135, 136] as const;
/** Addresses of the link, where neighbours are asked for, where the first node is, and the gateway. */
const NETS = ['fe80::/10', 'ff02::1:ff00:0/104', 'ff02::1:ff00:11/128', 'fd00:1::1/128'] as const;

function parse(text: string): object {
  const document: object = JSON.parse(text);
  return document;
}
