import { describe, expect, it } from 'vitest';
import { type Origin, OriginTable } from '../../src/compile/origin.ts';
import { classifyReply, classifyRequest } from '../../src/explain/classify.ts';
import { REASON_CODES, type ReasonCode } from '../../src/explain/codes.ts';
import { DROP_REASONS, type DropReason } from '../../src/kernel/drop-reason.ts';
import type { Leg, Step } from '../../src/kernel/walk/step.ts';
import {
  ASKED,
  contextWith,
  delivered,
  drop,
  dropped,
  minted,
  NODE82,
  NODE83,
  netfilter,
  POD1,
  POD2,
  rule,
  tcp,
  wayToBackend,
} from './walk-fixture.ts';

const REASONS = Object.keys(DROP_REASONS).filter((name): name is DropReason => Object.hasOwn(DROP_REASONS, name));
const packet = tcp('10.244.70.31', '10.244.171.181', 8080, 63);

function endingWith(reason: DropReason): Leg {
  const step = drop(NODE82, packet, reason);
  return dropped([step], packet, reason, step);
}

describe('a reason of the kernel', () => {
  it('always has a code that is in the list', () => {
    for (const reason of REASONS) {
      const cause = classifyRequest(endingWith(reason), ASKED, contextWith());
      expect(REASON_CODES.has(cause?.code ?? ''), reason).toBe(true);
    }
  });

  const rows: readonly (readonly [DropReason, ReasonCode])[] = [
    ['ROUTE_BLACKHOLE', 'ROUTE_BLACKHOLE'],
    ['IP_INNOROUTES', 'ROUTE_NOT_FOUND'],
    ['IP_FORWARD_DISABLED', 'IP_FORWARD_DISABLED'],
    ['IP_RPFILTER', 'RPF_MISMATCH'],
    ['IP_TTL', 'TTL_EXCEEDED'],
    ['HOP_LIMIT', 'ROUTE_LOOP'],
    ['NEIGH_FAILED', 'NEIGHBOUR_FAILED'],
    ['VETH_PEER', 'VETH_PEER_MISSING'],
    ['BRIDGE_HAIRPIN', 'HAIRPIN_OFF'],
    ['TUNNEL_NO_REMOTE', 'TUNNEL_ENDPOINT_UNKNOWN'],
    ['SEGMENT_BLOCKED', 'SEGMENT_BLOCKED'],
    ['NETFILTER_POLICY', 'NETFILTER_POLICY_DROP'],
    ['NETFILTER_RULE', 'NETFILTER_RULE_DROP'],
    ['SOCKET_CLOSED', 'SOCKET_NOT_LISTENING'],
  ];
  it.each(rows)('%s is told as %s', (reason, code) => {
    expect(classifyRequest(endingWith(reason), ASKED, contextWith())?.code).toBe(code);
  });

  it('SOCKET_CLOSED is told as SOCKET_LOOPBACK_ONLY where a process listens on 127.0.0.1', () => {
    const arrived = tcp('10.244.70.31', '10.244.171.181', 9999);
    const step = drop(POD2, arrived, 'SOCKET_CLOSED');
    expect(classifyRequest(dropped([step], arrived, 'SOCKET_CLOSED', step), ASKED, contextWith())?.code).toBe(
      'SOCKET_LOOPBACK_ONLY',
    );
  });
});

describe('a rule that drops is told by what it was made for', () => {
  const rows: readonly (readonly [Partial<Origin> & Pick<Origin, 'role'>, ReasonCode])[] = [
    [{ role: 'policy-default', direction: 'ingress' }, 'POLICY_INGRESS_NO_MATCH'],
    [{ role: 'policy-default', direction: 'egress' }, 'POLICY_EGRESS_NO_MATCH'],
    [{ role: 'policy-deny', direction: 'egress' }, 'POLICY_EGRESS_DENY'],
    [{ role: 'service-no-endpoints' }, 'SERVICE_NO_ENDPOINTS'],
    [{ role: 'service-no-ready-endpoints' }, 'SERVICE_NO_READY_ENDPOINTS'],
    [{ role: 'service-no-local-endpoints' }, 'SERVICE_NO_LOCAL_ENDPOINTS'],
    [{ role: 'service-source-range' }, 'SERVICE_SOURCE_RANGE_DENIED'],
    [{ role: 'host-endpoint' }, 'HOST_ENDPOINT_DENY'],
    [{ role: 'hand-written' }, 'NETFILTER_RULE_DROP'],
  ];
  it.each(rows)('%o: %s', (fields, code) => {
    const { origins, id } = minted({ kind: 'Any', name: 'any', ...fields });
    const step = netfilter(NODE82, packet, { verdict: 'drop', action: 'DROP', rule: rule('', 'DROP', id) });
    const cause = classifyRequest(dropped([step], packet, 'NETFILTER_RULE', step), ASKED, contextWith(origins));
    expect(cause?.code).toBe(code);
    expect(cause?.step).toBe(step);
  });

  it('a drop of state INVALID is told as CONNTRACK_INVALID', () => {
    const step = netfilter(NODE82, packet, {
      verdict: 'drop',
      ctState: 'INVALID',
      rule: rule('-m conntrack --ctstate INVALID', 'DROP'),
    });
    expect(classifyRequest(dropped([step], packet, 'NETFILTER_RULE', step), ASKED, contextWith())?.code).toBe(
      'CONNTRACK_INVALID',
    );
  });

  it('a drop of a tunnel packet is told as TUNNEL_BLOCKED', () => {
    const outer = { ...packet, transport: { proto: 'ipip', inner: packet } } as const;
    const step = netfilter(NODE82, outer, { verdict: 'drop', rule: rule('-p ipencap', 'DROP') });
    expect(classifyRequest(dropped([step], outer, 'NETFILTER_RULE', step), ASKED, contextWith())?.code).toBe(
      'TUNNEL_BLOCKED',
    );
  });
});

describe('a lost reply', () => {
  const back = tcp('10.244.171.181', '10.244.70.31', 40000);
  const lost = () => {
    const step = drop(POD1, back, 'NO_CONNECTION');
    return dropped([step], back, 'NO_CONNECTION', step);
  };

  it('that bypasses the translation is NAT_REPLY_ASYMMETRIC', () => {
    const request = delivered(wayToBackend('10.244.171.181'), packet, POD2);
    expect(classifyReply(request, lost(), ASKED, contextWith())?.code).toBe('NAT_REPLY_ASYMMETRIC');
  });

  it('of a Pod that reaches itself is HAIRPIN_NOT_MASQUERADED', () => {
    const request = delivered(wayToBackend('10.244.70.31'), packet, POD1);
    expect(classifyReply(request, lost(), ASKED, contextWith())?.code).toBe('HAIRPIN_NOT_MASQUERADED');
  });

  it('that arrives has no cause', () => {
    const request = delivered(wayToBackend('10.244.171.181'), packet, POD2);
    expect(classifyReply(request, delivered([], back, POD1), ASKED, contextWith())).toBeUndefined();
  });
});

describe('a loop', () => {
  it('is told where one machine forwards the packet twice before its TTL runs out', () => {
    const ttl = (netns: typeof NODE82) => ({ kind: 'ttl', netns, packet, after: packet }) as const;
    const step = drop(NODE82, packet, 'IP_TTL');
    const leg = dropped([ttl(NODE82), ttl(NODE83), ttl(NODE82), step], packet, 'IP_TTL', step);
    expect(classifyRequest(leg, ASKED, contextWith())?.code).toBe('ROUTE_LOOP');
  });
});

// An id that no table knows must not break an explanation.
it('an origin that is not in the table is no origin', () => {
  const step = netfilter(NODE82, packet, {
    verdict: 'drop',
    rule: rule('', 'DROP', minted({ role: 'fault', kind: 'Fault', name: 'x' }).id),
  });
  expect(
    classifyRequest(dropped([step], packet, 'NETFILTER_RULE', step), ASKED, contextWith(new OriginTable()))?.origin,
  ).toBeUndefined();
});

describe('a packet that goes astray', () => {
  const route = (netns: typeof NODE83): Step => ({
    kind: 'route',
    netns,
    packet,
    direction: 'input',
    rule: undefined,
    outcome: { kind: 'fail', reason: 'IP_INNOROUTES', error: 'EHOSTUNREACH', route: undefined },
  });
  const leg = (): Leg => {
    const step = drop(NODE82, packet, 'IP_INNOROUTES');
    return dropped([route(NODE83), route(NODE82), step], packet, 'IP_INNOROUTES', step);
  };

  it('is told as BGP_ROUTE_NOT_LEARNED, and the machine that did not learn the route is blamed', () => {
    const context = { ...contextWith(), routeNotLearned: (netns: typeof NODE83) => netns === NODE83 };
    const cause = classifyRequest(leg(), ASKED, context);
    expect(cause?.code).toBe('BGP_ROUTE_NOT_LEARNED');
    expect(cause?.step?.netns).toBe(NODE83);
  });

  it('is told as ROUTE_NOT_FOUND where BGP has nothing to do with it', () => {
    expect(classifyRequest(leg(), ASKED, contextWith())?.code).toBe('ROUTE_NOT_FOUND');
  });
});
