/** flanneld's rules (pkg/trafficmngr/iptables): hide Pods outside the network, and let FORWARD pass them. */
import type { RuleSpec } from '../../../kernel/netfilter/ruleset.ts';
import type { IptablesSpec } from '../../../kernel/netns-spec.ts';
import type { OriginId } from '../../../kernel/origin.ts';
import { eager } from '../../../lib/lazy.ts';
import { familyOf } from '../../../net/address.ts';
import { network, type Prefix, printPrefix } from '../../../net/prefix.ts';

const MULTICAST = { 4: '224.0.0.0/4', 6: 'ff00::/8' } as const;

/** `pods` is the cluster's range, `own` this node's part of it. Jumps are appended: whatever is above them wins. */
export function flannelRules(pods: Prefix, own: Prefix, randomFully: boolean, origin: OriginId): IptablesSpec {
  const [all, here] = [printPrefix(network(pods)), printPrefix(network(own))];
  const commented =
    (text: string) =>
    (match: readonly string[], target: readonly string[]): RuleSpec => ({
      args: [...match, '-m', 'comment', '--comment', text, '-j', ...target],
      origin,
    });
  const masq = commented('flanneld masq');
  const forward = commented('flanneld forward');
  const masquerade = ['MASQUERADE', ...(randomFully ? ['--random-fully'] : [])];
  return {
    chains: [
      {
        table: 'nat',
        chain: 'FLANNEL-POSTRTG',
        rules: eager([
          // What kube-proxy has marked, it masquerades itself.
          masq(['-m', 'mark', '--mark', '0x4000/0x4000'], ['RETURN']),
          masq(['-s', here, '-d', all], ['RETURN']),
          masq(['-s', all, '-d', here], ['RETURN']),
          masq(['!', '-s', all, '-d', here], ['RETURN']),
          masq(['-s', all, '!', '-d', MULTICAST[familyOf(pods.addr)]], masquerade),
          masq(['!', '-s', all, '-d', all], masquerade),
        ]),
      },
      {
        table: 'filter',
        chain: 'FLANNEL-FWD',
        rules: eager([forward(['-s', all], ['ACCEPT']), forward(['-d', all], ['ACCEPT'])]),
      },
    ],
    hooks: [
      { table: 'nat', chain: 'POSTROUTING', place: 'append', rule: masq([], ['FLANNEL-POSTRTG']) },
      { table: 'filter', chain: 'FORWARD', place: 'append', rule: forward([], ['FLANNEL-FWD']) },
    ],
  };
}
