/** What differs between Calico releases in the rules and routes it programs. */

import type { PolicyId } from './policy-model.ts';

export type MarkBits = {
  readonly accept: number;
  readonly pass: number;
  /** Since 3.30: a policy is about to drop the packet. */
  readonly drop?: number;
  /** All blocks of a rule matched; in raw: the packet comes from a workload. */
  readonly scratch0: number;
  /** The block being evaluated matched. */
  readonly scratch1: number;
};

export type CalicoVersion = {
  readonly minor: number;
  readonly marks: MarkBits;
  /** Since 3.29 nat POSTROUTING runs cali-POSTROUTING behind all other rules. */
  readonly natPostrouting: 'insert' | 'append';
  /** Id of the set of all pools, for which no packet is masqueraded. */
  readonly allPools: string;
  startOfTier(tier: string): string;
  /** The comment of the drop at the end of a tier; `deny` is Drop or Reject. */
  endOfTier(tier: string, deny: string): string;
  /** What a policy's chain name is made of. */
  policyChainId(id: PolicyId, tier: string): string;
  /** What the comment at the head of its chains calls it. */
  policyLabel(id: PolicyId): string;
  /** By what policies of one order are sorted. */
  policySortKey(id: PolicyId): string;
  /** What the name of a group's chain is made of. */
  groupLines(tier: string, selector: string, flow: string, ids: readonly PolicyId[]): readonly string[];
};

/** `3.31`, `v3.28.2`; anything else is taken for the default. */
export function calicoVersion(text: string): CalicoVersion {
  const found = /^v?3\.(\d{1,3})(\.|$)/.exec(text);
  const minor = found === null ? DEFAULT_MINOR : Number(found[1]);
  return {
    minor,
    // felix/dataplane/driver.go hands out bits of IptablesMarkMask, lowest first; 3.30 put a drop bit behind pass.
    marks: {
      accept: 0x10000,
      pass: 0x20000,
      ...(minor >= 30 ? { drop: 0x40000 } : {}),
      scratch0: minor >= 30 ? 0x80000 : 0x40000,
      scratch1: minor >= 30 ? 0x100000 : 0x80000,
    },
    natPostrouting: minor >= 29 ? 'append' : 'insert',
    allPools: minor >= 33 ? 'network-ip-pools' : 'all-ipam-pools',
    startOfTier: (tier) => (minor >= 29 ? `Start of tier ${tier}` : 'Start of policies'),
    endOfTier: (tier, deny) => `${minor >= 30 ? `End of tier ${tier}. ` : ''}${deny} if no policies passed packet`,
    policyChainId: (id, tier) => {
      if (minor < 32) return minor >= 29 ? `${tier}/${flatName(id)}` : flatName(id);
      return id.namespace === undefined ? `${id.shortKind}/${id.name}` : `${id.shortKind}/${id.namespace}/${id.name}`;
    },
    policyLabel: (id) => {
      if (minor < 32) return `Policy ${flatName(id)}`;
      return `${id.kind} ${id.namespace === undefined ? '' : `${id.namespace}/`}${id.name}`;
    },
    policySortKey: (id) => (minor >= 32 ? `${id.name}/${id.namespace ?? ''}/${id.kind}` : flatName(id)),
    groupLines: (tier, selector, flow, ids) => {
      const count = String(ids.length);
      if (minor < 32) return [...(minor >= 29 ? [tier] : []), selector, flow, count, ...ids.map(flatName)];
      return [selector, flow, count, ...ids.map(printId)];
    },
  };
}

/** The name of libcalico-go's v1 model. */
function flatName({ namespace, tieredName }: PolicyId): string {
  return namespace === undefined ? tieredName : `${namespace}/${tieredName}`;
}

/** felix/types PolicyID.String(). */
function printId({ name, namespace, kind }: PolicyId): string {
  return `{Name: ${name}, Namespace: ${namespace ?? ''}, Kind: ${kind}}`;
}

const DEFAULT_MINOR = 31;
