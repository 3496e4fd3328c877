/** What a machine holds, as the real tool prints it there. */
import type { Cluster } from '../../cluster/cluster.ts';
import { printResolvConf, resolverOf } from '../../cluster/dns.ts';
import type { Pod } from '../../cluster/objects.ts';
import { serviceEnvironment } from '../../cluster/service-environment.ts';
import { policiesSelecting } from '../../compile/cni/calico/policies-selecting.ts';
import type { Language } from '../../explain/language.ts';
import { printIpvsList } from '../../kernel/ipvs/print-ipvsadm.ts';
import { printAddresses, printNeighbours } from '../../kernel/link/address-text.ts';
import { printIpsetSave } from '../../kernel/netfilter/ipset/save.ts';
import { printIptablesSave } from '../../kernel/netfilter/save-format.ts';
import { hasIpv6, type Netns } from '../../kernel/netns.ts';
import { printNftables } from '../../kernel/nftables/print-ruleset.ts';
import { TABLE_MAIN } from '../../kernel/route/route.ts';
import { printRoutes } from '../../kernel/route/route-text.ts';
import { printPolicyRules } from '../../kernel/route/rule-text.ts';
import { fail, issue, ok, type Result } from '../../lib/result.ts';
import type { Family } from '../../net/address.ts';
import { resolveSource, type SourceEndpoint } from '../../topology/endpoints.ts';
import type { Loaded } from '../../topology/load.ts';
import { printFamilies } from './both-families.ts';
import { namedServices } from './named-services.ts';
import { printPodDns } from './pod-names.ts';
import { printPolicies } from './policies.ts';
import { printServices } from './services.ts';
import type { ShowWord } from './show-words.ts';
import { printSpeakers } from './speakers.ts';

/**
 * The text, or what is wrong with the question. `target` names a node, host, container or Pod, of services a Service; `family` asks for what one
 * of two tools prints (ip6tables-save without iptables-save).
 */
export function show(
  loaded: Loaded,
  what: ShowWord,
  target: string | undefined,
  namespace: string | undefined,
  family?: Family,
  language: Language = 'en',
): Result<string> {
  const { cluster } = loaded;
  if (what === 'services') return showServices(cluster, target, namespace);
  const found =
    target === undefined
      ? undefined
      : resolveSource(target, loaded, { namespace: namespace ?? cluster.settings.defaultNamespace });
  if (found?.ok === false) return found;
  const place = found?.value;
  switch (what) {
    case 'policies':
      return ok(printPolicies(cluster, (policy, pod) => selects(loaded, policy.name, pod), language, place?.pod));
    case 'env':
      return place?.pod === undefined
        ? fail(issue('no-pod', "env is a Pod's", { hint: 'nettrace show env POD' }))
        : ok(lines([...serviceEnvironment(cluster, place.pod)].map(([name, value]) => `${name}=${value}`)));
    case 'bgp':
      return showBgp(loaded, place);
    default:
      return place === undefined ? everywhere(loaded, what, family) : showNetns(loaded, what, place, family);
  }
}

function showServices(cluster: Cluster, target: string | undefined, namespace: string | undefined): Result<string> {
  const asked = cluster.services.filter((service) => (namespace ?? service.namespace) === service.namespace);
  const found = target === undefined ? ok(asked) : namedServices(asked, target);
  return found.ok ? ok(printServices(found.value)) : found;
}

function selects({ cluster }: Loaded, policy: string, pod: Pod): boolean {
  return (['ingress', 'egress'] as const).some((direction) =>
    policiesSelecting(cluster, pod, direction).some(({ name }) => name === policy),
  );
}

type NetnsWord = Exclude<ShowWord, 'services' | 'policies' | 'env' | 'bgp'>;

/** Without a target: the only machine there is, or a choice to make. */
function everywhere(loaded: Loaded, what: NetnsWord, family: Family | undefined): Result<string> {
  const machines = loaded.world.machines.filter(({ kind }) => kind === 'node' || kind === 'host');
  const [only, second] = machines;
  if (only === undefined || second !== undefined) {
    const names = machines.slice(0, 8).map(({ kind, name }) => `${kind}/${name}`);
    return fail(
      issue('target-missing', `${what} of which machine?`, {
        hint: `nettrace show ${what} NODE|POD${names.length === 0 ? '' : `; machines: ${names.join(', ')}`}`,
      }),
    );
  }
  return ok(printNetns(loaded, what, loaded.world.netns(only.netns), family));
}

function showNetns(loaded: Loaded, what: NetnsWord, place: SourceEndpoint, family: Family | undefined): Result<string> {
  if (place.problem !== undefined) return fail(issue('not-running', place.problem.message));
  if (what === 'dns') {
    const { cluster } = loaded;
    return ok(
      place.pod === undefined ? printResolvConf(resolverOf(cluster, undefined)) : printPodDns(cluster, place.pod),
    );
  }
  return ok(printNetns(loaded, what, loaded.world.netns(place.netns), family));
}

function printNetns(loaded: Loaded, what: NetnsWord, netns: Netns, family: Family | undefined): string {
  switch (what) {
    case 'interfaces':
      return lines(printAddresses(netns, ({ netns: other, device }) => loaded.world.netns(other).devices.get(device)));
    case 'routes':
      return printFamilies(
        { command: 'ip route', text: lines(printRoutes(netns.routes.get(TABLE_MAIN) ?? [], 4)) },
        { command: 'ip -6 route', text: lines(printRoutes(netns.routes.get(TABLE_MAIN) ?? [], 6)) },
        family,
      );
    case 'rules':
      return printFamilies(
        { command: 'ip rule', text: lines(printPolicyRules(netns.rules)) },
        { command: 'ip -6 rule', text: hasIpv6(netns) ? lines(printPolicyRules(netns.rules6)) : '' },
        family,
      );
    case 'neighbours':
      return lines(printNeighbours(netns));
    case 'iptables':
      return printFamilies(
        { command: 'iptables-save', text: printIptablesSave(netns.iptables()) },
        { command: 'ip6tables-save', text: printIptablesSave(netns.ip6tables()) },
        family,
      );
    case 'nftables':
      return printNftables(netns.nftables());
    case 'ipvs':
      return printIpvsList(netns.ipvs().all);
    case 'ipsets':
      return printIpsetSave([...netns.ipsets.values()]);
    case 'dns':
      return printResolvConf(resolverOf(loaded.cluster, undefined));
    case 'conntrack':
      // The machines of the input are at rest. What a packet leaves behind is part of its trace.
      return '# no connection is tracked before a packet passes; nettrace SOURCE DESTINATION shows what is translated\n';
  }
}

/** Calico's sessions as calicoctl prints them, then those of MetalLB's speakers. */
function showBgp({ calico, cluster }: Loaded, place: SourceEndpoint | undefined): Result<string> {
  if (place !== undefined && place.machine.kind !== 'node')
    return fail(issue('no-bgp', `${place.displayName} is no node`));
  const speakers = printSpeakers(cluster, place?.machine.name);
  if (calico === undefined && speakers === '')
    return fail(issue('no-bgp', 'nobody speaks BGP here: this input has no Calico, and no BGPPeer of MetalLB'));
  if (calico === undefined) return ok(speakers);
  if (place !== undefined) return ok(calico.nodeStatus(place.machine.name) + speakers);
  return ok(cluster.settings.nodes.map(({ name }) => `${name}\n${calico.nodeStatus(name)}`).join('') + speakers);
}

function lines(all: readonly string[]): string {
  return all.map((line) => `${line}\n`).join('');
}
