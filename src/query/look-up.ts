/** A name becomes an address: the queries are packets, too, and walked like any other. */
import type { Cluster } from '../cluster/cluster.ts';
import { askClusterDns, type DnsAnswer, namesToAsk, resolverOf } from '../cluster/dns.ts';
import type { Service } from '../cluster/objects.ts';
import type { ExplainContext } from '../explain/context.ts';
import type { Netns } from '../kernel/netns.ts';
import { explore } from '../kernel/walk/explore.ts';
import type { Probe } from '../kernel/walk/step.ts';
import { type Family, type IpAddr, printIp } from '../net/address.ts';
import type { SourceEndpoint } from '../topology/endpoints.ts';
import { orderAddresses, speaks } from './address-order.ts';
import { answerProbe, type ProbeAnswer } from './answer-probe.ts';
import { selectingOf } from './policy-view.ts';
import type { Query } from './query.ts';
import type { AssumptionView, DnsQueryView, DnsView } from './trace.ts';
import { walkOptions } from './walk-options.ts';

export type LookUp = {
  readonly view: DnsView;
  readonly addresses: readonly IpAddr[];
  readonly service: Service | undefined;
  /** Of the query's walk; undefined where none was sent. */
  readonly walked: ProbeAnswer | undefined;
  readonly probe: Probe | undefined;
  /** The name that only the world's DNS knows. */
  readonly outside: string | undefined;
  readonly notes: readonly AssumptionView[];
};

const DNS_PORT = 53;
const CLIENT_PORT = 40053;

export function lookUp(
  name: string,
  source: SourceEndpoint,
  cluster: Cluster,
  context: ExplainContext,
  { verbosity = 0, steps: withSteps = true, family }: Pick<Query, 'verbosity' | 'steps' | 'family'>,
): LookUp {
  const config = resolverOf(cluster, source.pod);
  const netns = context.world.netns(source.netns);
  const families = familiesAsked(netns, family);
  const base = {
    name,
    nameserver: config.nameserver === undefined ? null : printIp(config.nameserver),
    search: config.search,
    ndots: config.ndots,
  };
  const end = (fields: Partial<DnsView>, more: Partial<LookUp> = {}): LookUp => ({
    view: { ...base, queries: [], addresses: [], verdict: 'dropped', code: 'DNS_NXDOMAIN', paths: [], ...fields },
    addresses: [],
    service: undefined,
    walked: undefined,
    probe: undefined,
    outside: undefined,
    notes: [],
    ...more,
  });
  if (!config.knowsCluster) {
    const own = askClusterDns(cluster, name);
    // A resolver outside the cluster knows what the world knows, and nothing else.
    return own.kind === 'outside'
      ? end({ verdict: 'undetermined', code: 'MODEL_DATA_MISSING' }, { outside: name })
      : end({});
  }
  const notes: AssumptionView[] = [];
  let walked: ProbeAnswer | undefined;
  let probe: Probe | undefined;
  const server = config.nameserver;
  if (server === undefined)
    notes.push({ code: 'DNS_ASSUMED', message: 'the input has no kube-dns Service: names are taken to resolve' });
  else {
    probe = { netns: source.netns, destination: server, protocol: 'udp', sport: CLIENT_PORT, dport: DNS_PORT };
    const asked = { source: source.displayName, destination: `${printIp(server)}:${DNS_PORT}`, probe };
    const { paths } = explore(context.world, probe, walkOptions({ verbosity, steps: withSteps }, context));
    walked = answerProbe(paths, asked, context, {
      withReply: true,
      withSteps,
      selecting: (cause) => selectingOf(cause, context),
    });
  }
  const paths = walked?.paths ?? [];
  const reached = walked === undefined || walked.result.deliveredShare.numerator > 0n;
  const serverName = server === undefined ? '-' : printIp(server);
  const asked = namesToAsk(name, config);
  const query = (
    fqdn: string,
    answer: DnsQueryView['answer'],
    addresses: readonly string[],
    family: Family = families[0] ?? 4,
  ): DnsQueryView => ({
    name: `${fqdn}.`,
    type: family === 4 ? 'A' : 'AAAA',
    server: serverName,
    answer,
    addresses,
    verdict: walked?.result.verdict ?? null,
  });
  if (!reached) {
    const queries = asked.slice(0, 1).map((fqdn) => query(fqdn, 'none', []));
    return end(
      { queries, verdict: walked?.result.verdict ?? 'dropped', code: 'DNS_SERVER_UNREACHABLE', paths },
      { walked, probe, notes },
    );
  }
  if (walked !== undefined && walked.result.verdict === 'mixed') {
    notes.push({
      code: 'DNS_RETRIES',
      message: 'some DNS queries are lost; the resolver is taken to ask again until one is answered',
    });
  }
  const queries: DnsQueryView[] = [];
  for (const fqdn of asked) {
    const found: IpAddr[] = [];
    let service: Service | undefined;
    for (const family of families) {
      const answer: DnsAnswer = askClusterDns(cluster, fqdn, family);
      if (answer.kind === 'outside')
        return end(
          { queries, verdict: 'undetermined', code: 'MODEL_DATA_MISSING', paths },
          { walked, probe, outside: answer.name, notes },
        );
      const own = answer.kind === 'addresses' ? answer.addresses : [];
      // A name that exists without an address of the family is NOERROR with nothing in it: the resolver goes on.
      queries.push(query(fqdn, answer.kind === 'nxdomain' ? 'NXDOMAIN' : 'NOERROR', own.map(printIp), family));
      found.push(...own);
      if (answer.kind === 'addresses') service ??= answer.service;
    }
    if (found.length > 0) {
      const addresses = orderAddresses(netns, found);
      return end(
        { queries, addresses: addresses.map(printIp), verdict: 'delivered', code: null, paths },
        { addresses, service, walked, probe, notes },
      );
    }
  }
  return end({ queries, paths }, { walked, probe, notes });
}

/** getaddrinfo() asks for both where the machine has both (AI_ADDRCONFIG); -4 and -6 ask for one. */
function familiesAsked(netns: Netns, family: Family | undefined): readonly Family[] {
  if (family !== undefined) return [family];
  return speaks(netns, 6) ? [4, 6] : [4];
}
