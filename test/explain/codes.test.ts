import { describe, expect, it } from 'vitest';
import { CODES, REASON_CODES } from '../../src/explain/codes.ts';
import { END_MISS_WORDS } from '../../src/explain/end-miss-words.ts';
import { LABEL_WORDS } from '../../src/explain/label-words.ts';
import { LANGUAGES, placeholdersOf, type Text } from '../../src/explain/language.ts';
import { POLICY_WORDS } from '../../src/explain/policy-words.ts';
import { SELECTING_WORDS } from '../../src/explain/selecting-words.ts';
import { SUMMARY_WORDS } from '../../src/explain/summary.ts';
import { SYMPTOM_WORDS, VERDICT_WORDS, WORDS } from '../../src/report/words.ts';

/** The codes that the contract names. */
const CONTRACT =
  `DNS_NXDOMAIN DNS_SERVER_UNREACHABLE SOURCE_NOT_RUNNING LINK_DOWN VETH_PEER_MISSING NEIGHBOUR_FAILED MAC_MISMATCH
BRIDGE_PORT_BLOCKED HAIRPIN_OFF ROUTE_NOT_FOUND ROUTE_BLACKHOLE ROUTE_UNREACHABLE ROUTE_NEXTHOP_INVALID BGP_ROUTE_NOT_LEARNED
ROUTE_LOOP TTL_EXCEEDED IP_FORWARD_DISABLED RPF_MISMATCH MARTIAN_ADDRESS MTU_EXCEEDED_DF PMTU_BLACKHOLE TUNNEL_ENDPOINT_UNKNOWN
TUNNEL_BLOCKED SEGMENT_BLOCKED NETFILTER_RULE_DROP NETFILTER_RULE_REJECT NETFILTER_POLICY_DROP CONNTRACK_INVALID
NAT_REPLY_ASYMMETRIC HAIRPIN_NOT_MASQUERADED SERVICE_PORT_NOT_EXPOSED SERVICE_NO_ENDPOINTS SERVICE_NO_READY_ENDPOINTS
SERVICE_NO_LOCAL_ENDPOINTS SERVICE_SOURCE_RANGE_DENIED LOADBALANCER_PENDING CLUSTER_IP_FROM_OUTSIDE CLUSTER_IP_NO_ICMP
NODE_PORT_NOT_BOUND POLICY_EGRESS_DENY POLICY_EGRESS_NO_MATCH POLICY_INGRESS_DENY POLICY_INGRESS_NO_MATCH
POLICY_NAMED_PORT_UNRESOLVED POLICY_NOT_ENFORCED HOST_ENDPOINT_DENY INGRESS_HOST_UNMATCHED INGRESS_PATH_UNMATCHED
INGRESS_CLASS_UNHANDLED INGRESS_BACKEND_UNAVAILABLE SOCKET_NOT_LISTENING SOCKET_LOOPBACK_ONLY MODEL_UNSUPPORTED
MODEL_DATA_MISSING`.split(/\s+/);

const CATALOGUES: readonly (readonly [string, Text])[] = [
  ...Object.entries(CODES).flatMap(([code, { meaning, summary, causes, fixes }]) =>
    [meaning, summary, ...causes, ...fixes].map((one) => [code, one] as const),
  ),
  ...Object.entries(SUMMARY_WORDS),
  ...Object.entries(SELECTING_WORDS),
  ...Object.entries(POLICY_WORDS),
  ...Object.entries(END_MISS_WORDS),
  ...Object.entries(LABEL_WORDS),
  ...Object.entries(WORDS),
  ...Object.entries(SYMPTOM_WORDS),
  ...Object.entries(VERDICT_WORDS),
];

describe('reason codes', () => {
  it.each(CONTRACT)('%s of the contract is in the list', (code) => {
    expect(REASON_CODES.has(code)).toBe(true);
  });

  it.each([...REASON_CODES])('%s has causes and fixes', (_code, entry) => {
    expect(entry.causes.length).toBeGreaterThan(0);
    expect(entry.fixes.length).toBeGreaterThan(0);
  });
});

describe('both languages', () => {
  it('say every sentence, with the same placeholders', () => {
    for (const [name, one] of CATALOGUES) {
      for (const language of LANGUAGES) expect(one[language].trim(), `${name} in ${language}`).not.toBe('');
      expect(placeholdersOf(one.zh), `${name}: ${one.en}`).toEqual(placeholdersOf(one.en));
    }
  });

  it('differ wherever a sentence has words to translate', () => {
    const same = CATALOGUES.filter(
      ([, one]) => one.en === one.zh && /[a-z]{3}/.test(one.en.replace(/\{[a-zA-Z]+\}/g, '')),
    );
    expect(same).toEqual([]);
  });

  it('only use placeholders that a trace can fill', () => {
    const known = [
      'source',
      'destination',
      'from',
      'to',
      'sender',
      'protocol',
      'port',
      'node',
      'device',
      'place',
      'rule',
      'route',
      'origin',
      'pod',
      'policies',
      'service',
      'ports',
      'bound',
      'broadcast',
      'nodePort',
      'target',
      'elsewhere',
      'end',
      'receiver',
      'missing',
      'inner',
    ];
    for (const [code, { summary }] of Object.entries(CODES)) {
      expect(known, code).toEqual(expect.arrayContaining([...placeholdersOf(summary.en)]));
    }
  });
});
