/** What kube-proxy's IPVS mode does from which Kubernetes version on. */
export type IpvsFeatures = {
  /**
   * Source ranges are checked in the filter table by KUBE-PROXY-FIREWALL (kubernetes/kubernetes#110628, 1.25); before, the
   * nat table marked what kubelet's KUBE-FIREWALL then dropped.
   */
  readonly filtersSourceRanges: boolean;
  /** KUBE-IPVS-FILTER refuses what is for an address of Services but for none of their ports (#72236, 1.27). */
  readonly guardsAddresses: boolean;
  /** KUBE-IPVS-OUT-FILTER keeps a node out that no source range holds (#119656, 1.29). */
  readonly guardsOwnTraffic: boolean;
};

export function ipvsFeatures(version: string): IpvsFeatures {
  const [major = 1, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  const since = (release: number) => major > 1 || (major === 1 && minor >= release);
  return { filtersSourceRanges: since(25), guardsAddresses: since(27), guardsOwnTraffic: since(29) };
}
