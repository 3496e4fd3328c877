/** What kube-proxy's nftables mode has written in the course of its releases. */
import { isAtLeast } from '../../../cluster/kubernetes-version.ts';

export type Generation = {
  /** All filter chains stand in front of DNAT, at priority -110, and one more behind it (up to 1.33). */
  readonly filtersBeforeDnat: boolean;
  /** The masquerade rule of a service port names its port (up to 1.33). */
  readonly masqueradesByPort: boolean;
  /**
   * One rule marks traffic to all cluster IPs, a set names the endpoints that talk to themselves, Services without
   * affinity have no chains for their endpoints, and the mark is set in place (from 1.36).
   */
  readonly compact: boolean;
  /** The API tells kube-proxy the Services' ranges: traffic to addresses that no Service has is dropped (from 1.33). */
  readonly knowsServiceRanges: boolean;
};

export function generationOf(version: string): Generation {
  const early = !isAtLeast(version, 34);
  return {
    filtersBeforeDnat: early,
    masqueradesByPort: early,
    compact: isAtLeast(version, 36),
    knowsServiceRanges: isAtLeast(version, 33),
  };
}
