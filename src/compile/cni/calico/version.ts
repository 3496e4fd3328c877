/** What differs between Calico releases in the rules and routes it programs. */

export type MarkBits = {
  readonly accept: number;
  readonly pass: number;
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
  /** The comment of the drop at the end of a tier; `deny` is Drop or Reject. */
  endOfTier(deny: string): string;
  /** What a NetworkPolicy's chain name is made of. */
  policyId(namespace: string, name: string): string;
  /** What the comment at the head of its chains calls it. */
  policyLabel(namespace: string, name: string): string;
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
      scratch0: minor >= 30 ? 0x80000 : 0x40000,
      scratch1: minor >= 30 ? 0x100000 : 0x80000,
    },
    natPostrouting: minor >= 29 ? 'append' : 'insert',
    allPools: minor >= 33 ? 'network-ip-pools' : 'all-ipam-pools',
    endOfTier: (deny) =>
      minor >= 30
        ? `End of tier default. ${deny} if no policies passed packet`
        : `${deny} if no policies passed packet`,
    policyId: (namespace, name) => {
      if (minor >= 32) return `knp/${namespace}/${name}`;
      return minor >= 29 ? `default/${namespace}/knp.default.${name}` : `${namespace}/knp.default.${name}`;
    },
    policyLabel: (namespace, name) =>
      minor >= 32 ? `KubernetesNetworkPolicy ${namespace}/${name}` : `Policy ${namespace}/knp.default.${name}`,
  };
}

const DEFAULT_MINOR = 31;
