/** The part of kube-proxy's rules that no Service changes: jumps, masquerading, forwarding (iptablesJumpChains, syncProxyRules()). */
import type { Hook, TableName } from '../../../kernel/netfilter/hook.ts';
import type { RuleSpec } from '../../../kernel/netfilter/ruleset.ts';
import type { ChainSpec, HookSpec } from '../../../kernel/netns-spec.ts';
import { eager, lazy } from '../../../lib/lazy.ts';
import type { ProxyOrigins } from './origins.ts';
import { comment, countedBy, MASQUERADE_MARK } from './words.ts';

const NEW = ['-m', 'conntrack', '--ctstate', 'NEW'] as const;
const EXTERNAL = [...NEW, ...comment('kubernetes externally-visible service portals')];
const PORTALS = comment('kubernetes service portals');
const FIREWALL = [...NEW, ...comment('kubernetes load balancer firewall')];

/** metrics.IPTablesCTStateInvalidDroppedNFAcctCounter */
const INVALID_COUNTER = 'ct_state_invalid_dropped_pkts';

/** In this order, each put above what is there: a later one ends up higher. */
const JUMPS: readonly (readonly [TableName, Hook, string, readonly string[]])[] = [
  ['filter', 'INPUT', 'KUBE-EXTERNAL-SERVICES', EXTERNAL],
  ['filter', 'FORWARD', 'KUBE-EXTERNAL-SERVICES', EXTERNAL],
  ['filter', 'INPUT', 'KUBE-NODEPORTS', comment('kubernetes health check service ports')],
  ['filter', 'FORWARD', 'KUBE-SERVICES', [...NEW, ...PORTALS]],
  ['filter', 'OUTPUT', 'KUBE-SERVICES', [...NEW, ...PORTALS]],
  ['filter', 'FORWARD', 'KUBE-FORWARD', comment('kubernetes forwarding rules')],
  ['filter', 'INPUT', 'KUBE-PROXY-FIREWALL', FIREWALL],
  ['filter', 'OUTPUT', 'KUBE-PROXY-FIREWALL', FIREWALL],
  ['filter', 'FORWARD', 'KUBE-PROXY-FIREWALL', FIREWALL],
  ['nat', 'OUTPUT', 'KUBE-SERVICES', PORTALS],
  ['nat', 'PREROUTING', 'KUBE-SERVICES', PORTALS],
  ['nat', 'POSTROUTING', 'KUBE-POSTROUTING', comment('kubernetes postrouting rules')],
];

/** KUBE-FIREWALL is not here: kubelet has made it, with its jumps, before kube-proxy looks for it (kubelet.ts). */
export function jumps(origins: ProxyOrigins): readonly HookSpec[] {
  return JUMPS.map(([table, chain, target, words]) => ({
    table,
    chain,
    place: 'insert',
    rule: { args: [...words, '-j', target], origin: origins.plumbing() },
  }));
}

export type StaticOptions = {
  /** The node's iptables knows --random-fully. */
  readonly randomFully: boolean;
  /** Sysctl nf_conntrack_tcp_be_liberal is 1: then out-of-window segments are not INVALID. */
  readonly liberal: boolean;
  /** Dropped INVALID packets are counted. */
  readonly countsInvalid: boolean;
};

/** Chains with fixed contents. The canaries are empty: kube-proxy sees by their absence that somebody flushed the tables. */
export function staticChains(options: StaticOptions, origins: ProxyOrigins): readonly ChainSpec[] {
  const plumbing = (...args: readonly string[]): RuleSpec => ({ args, origin: origins.plumbing() });
  const masquerade = (...args: readonly string[]): RuleSpec => ({ args, origin: origins.masquerade() });
  const marked = ['--mark', `${MASQUERADE_MARK}/${MASQUERADE_MARK}`];
  const counted = options.countsInvalid ? countedBy(INVALID_COUNTER) : [];
  const canary = (table: TableName): ChainSpec => ({ table, chain: 'KUBE-PROXY-CANARY', rules: eager([]) });
  return [
    canary('mangle'),
    canary('nat'),
    canary('filter'),
    {
      table: 'filter',
      chain: 'KUBE-FORWARD',
      rules: lazy(() => [
        ...(options.liberal ? [] : [plumbing('-m', 'conntrack', '--ctstate', 'INVALID', ...counted, '-j', 'DROP')]),
        plumbing(...comment('kubernetes forwarding rules'), '-m', 'mark', ...marked, '-j', 'ACCEPT'),
        plumbing(
          ...comment('kubernetes forwarding conntrack rule'),
          '-m',
          'conntrack',
          '--ctstate',
          'RELATED,ESTABLISHED',
          '-j',
          'ACCEPT',
        ),
      ]),
    },
    {
      table: 'nat',
      chain: 'KUBE-POSTROUTING',
      rules: lazy(() => [
        masquerade('-m', 'mark', '!', ...marked, '-j', 'RETURN'),
        masquerade('-j', 'MARK', '--xor-mark', MASQUERADE_MARK),
        masquerade(
          ...comment('kubernetes service traffic requiring SNAT'),
          '-j',
          'MASQUERADE',
          ...(options.randomFully ? ['--random-fully'] : []),
        ),
      ]),
    },
    {
      table: 'nat',
      chain: 'KUBE-MARK-MASQ',
      rules: lazy(() => [masquerade('-j', 'MARK', '--or-mark', MASQUERADE_MARK)]),
    },
  ];
}

/** kubelet makes KUBE-FIREWALL for IPv4 only; kube-proxy wants its jumps in both families. */
export function firewallOfFamily6(origins: ProxyOrigins): {
  readonly chains: readonly ChainSpec[];
  readonly hooks: readonly HookSpec[];
} {
  const jump = (chain: Hook): HookSpec => ({
    table: 'filter',
    chain,
    place: 'insert',
    rule: { args: ['-j', 'KUBE-FIREWALL'], origin: origins.plumbing() },
  });
  return {
    chains: [{ table: 'filter', chain: 'KUBE-FIREWALL', rules: eager([]) }],
    hooks: [jump('INPUT'), jump('OUTPUT')],
  };
}
