/** The portmap plugin, which is chained behind the main one: hostPorts of the node's Pods (plugins/meta/portmap). */
import type { Cluster } from '../../../cluster/cluster.ts';
import type { Pod } from '../../../cluster/objects.ts';
import type { Hook } from '../../../kernel/netfilter/hook.ts';
import type { RuleSpec } from '../../../kernel/netfilter/ruleset.ts';
import type { ChainSpec, HookSpec, IptablesSpec } from '../../../kernel/netns-spec.ts';
import type { OriginId } from '../../../kernel/origin.ts';
import { eager } from '../../../lib/lazy.ts';
import { type Family, familyOf, type IpAddr, printIp } from '../../../net/address.ts';
import { type Prefix, printPrefix } from '../../../net/prefix.ts';
import type { OriginTable } from '../../origin.ts';
import type { Parts } from '../../parts.ts';
import { lowerProtocol } from '../../proxy/service-port.ts';
import { cniChainName, networkName, podAddress, sandboxId } from '../network.ts';

/** --destination-ports takes no more (XT_MULTI_PORTS). */
const PORTS_PER_RULE = 15;
const MARK = '0x2000/0x2000';
const TO_LOCAL = ['-m', 'addrtype', '--dst-type', 'LOCAL', '-j', 'CNI-HOSTPORT-DNAT'];

type Mapping = {
  readonly protocol: string;
  readonly hostPort: number;
  readonly hostIp: IpAddr | undefined;
  readonly port: number;
};
type MappedPod = {
  readonly pod: Pod;
  readonly address: Prefix;
  readonly mappings: readonly Mapping[];
  readonly origin: OriginId;
};

/** Chains for the Pods of a node that ask for a port of it. Nothing at all where none does: portmap writes when it is asked. */
export function portmapParts(cluster: Cluster, node: string, origins: OriginTable): Parts {
  const { plugin } = cluster.settings.cni;
  if (plugin === 'none') return {};
  const pods = cluster
    .podsOnNode(node)
    .filter(({ hostNetwork, ports }) => !hostNetwork && ports.some(({ hostPort }) => hostPort !== undefined));
  const mapped = (family: Family): readonly MappedPod[] =>
    pods.flatMap((pod) => {
      const address = podAddress(cluster, pod, family);
      const mappings = mappingsOf(pod, family);
      if (address === undefined || mappings.length === 0) return [];
      const { namespace, name, source } = pod;
      const origin = origins.mint({
        role: 'host-port',
        kind: 'Pod',
        namespace,
        name,
        ...(source === undefined ? {} : { source }),
      });
      return [{ pod, address, mappings, origin }];
    });
  const [version4, version6] = [mapped(4), mapped(6)];
  return {
    ...(version4.length === 0 ? {} : { iptables: rules(version4, 4, networkName(plugin)) }),
    ...(version6.length === 0 ? {} : { ip6tables: rules(version6, 6, networkName(plugin)) }),
  };
}

function mappingsOf(pod: Pod, family: Family): readonly Mapping[] {
  return pod.ports.flatMap(({ hostPort, hostIp, port, protocol }) => {
    if (hostPort === undefined || (hostIp !== undefined && familyOf(hostIp) !== family)) return [];
    // 0.0.0.0 and :: mean every address.
    const unspecified = hostIp === undefined || BigInt(hostIp) === 0n;
    return [{ protocol: lowerProtocol(protocol), hostPort, hostIp: unspecified ? undefined : hostIp, port }];
  });
}

function rules(pods: readonly MappedPod[], family: Family, network: string): IptablesSpec {
  // The chains that all Pods share came with the first of them.
  const [first] = pods;
  const shared = (args: readonly string[]): RuleSpec => ({
    args,
    ...(first === undefined ? {} : { origin: first.origin }),
  });
  const nat = (chain: string, list: readonly RuleSpec[]): ChainSpec => ({ table: 'nat', chain, rules: eager(list) });
  const hook = (chain: Hook, place: 'insert' | 'append', args: readonly string[]): HookSpec => ({
    table: 'nat',
    chain,
    place,
    rule: shared(args),
  });
  return {
    chains: [
      nat('CNI-HOSTPORT-SETMARK', [
        shared([...comment('CNI portfwd masquerade mark'), '-j', 'MARK', '--set-xmark', MARK]),
      ]),
      nat('CNI-HOSTPORT-MASQ', [shared(['-m', 'mark', '--mark', MARK, '-j', 'MASQUERADE'])]),
      nat(
        'CNI-HOSTPORT-DNAT',
        pods.flatMap((mapped) => entryRules(mapped, network)),
      ),
      ...pods.map((mapped) => nat(chainName(mapped.pod, network), podRules(mapped, family))),
    ],
    hooks: [
      // Above the masquerading of the bridge plugin, which would take the packet first.
      hook('POSTROUTING', 'insert', [...comment('CNI portfwd requiring masquerade'), '-j', 'CNI-HOSTPORT-MASQ']),
      // Below kube-proxy's jump: a NodePort of the same number wins.
      hook('PREROUTING', 'append', TO_LOCAL),
      hook('OUTPUT', 'append', TO_LOCAL),
    ],
  };
}

function comment(text: string): readonly string[] {
  return ['-m', 'comment', '--comment', text];
}

function chainName(pod: Pod, network: string): string {
  return cniChainName(network, sandboxId(pod), 'DN-');
}

/** From CNI-HOSTPORT-DNAT to the Pod's chain: by protocol, up to 15 ports a rule. */
function entryRules({ pod, mappings, origin }: MappedPod, network: string): readonly RuleSpec[] {
  // At most 255 characters: xt_comment's limit.
  const text = `dnat name: "${network}" id: "${sandboxId(pod)}"`.slice(0, 255);
  return ['sctp', 'tcp', 'udp'].flatMap((protocol) => {
    const ports = mappings.filter((mapping) => mapping.protocol === protocol).map(({ hostPort }) => String(hostPort));
    const groups = Array.from({ length: Math.ceil(ports.length / PORTS_PER_RULE) }, (_, i) =>
      ports.slice(i * PORTS_PER_RULE, (i + 1) * PORTS_PER_RULE),
    );
    return groups.map((group) => ({
      args: [
        ...comment(text),
        '-m',
        'multiport',
        '-p',
        protocol,
        '--destination-ports',
        group.join(','),
        '-j',
        chainName(pod, network),
      ],
      origin,
    }));
  });
}

/** For each port: mark what comes from the Pod's own network and from 127.0.0.1 (its answers must pass here), then translate. */
function podRules({ address, mappings, origin }: MappedPod, family: Family): readonly RuleSpec[] {
  return mappings.flatMap(({ protocol, hostPort, hostIp, port }) => {
    const base = [
      '-p',
      protocol,
      '--dport',
      String(hostPort),
      ...(hostIp === undefined ? [] : ['-d', printIp(hostIp)]),
    ];
    const mark = (source: string): RuleSpec => ({
      args: [...base, '-s', source, '-j', 'CNI-HOSTPORT-SETMARK'],
      origin,
    });
    const ip = printIp(address.addr);
    const destination = family === 4 ? `${ip}:${port}` : `[${ip}]:${port}`;
    return [
      mark(printPrefix(address)),
      ...(family === 4 ? [mark('127.0.0.1')] : []),
      { args: [...base, '-j', 'DNAT', '--to-destination', destination], origin },
    ];
  });
}
