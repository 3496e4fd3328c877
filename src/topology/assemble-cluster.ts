/** Manifests as they are, without what is derived for those that leave addresses and nodes out. */
import type { Cluster } from '../cluster/cluster.ts';
import type { ReadContext } from '../cluster/field-reader.ts';
import { makeCluster } from '../cluster/make-cluster.ts';
import { applyProxyConfig } from '../cluster/read/read-kube-proxy.ts';
import { readObjects } from '../cluster/read/read-objects.ts';
import type { ClusterSettings } from '../cluster/settings.ts';
import type { SourceDocument } from '../cluster/source.ts';

export function assembleCluster(
  documents: readonly SourceDocument[],
  settings: ClusterSettings,
  context: ReadContext,
): { readonly cluster: Cluster; readonly skipped: ReadonlyMap<string, number> } {
  const objects = readObjects(documents, { ...context, defaultNamespace: settings.defaultNamespace });
  const { bgpConfigurations, felixConfigurations, proxyConfigs, pods, services, skipped, ...rest } = objects;
  const [proxyConfig] = proxyConfigs;
  const [bgpConfiguration] = bgpConfigurations;
  const [felixConfiguration] = felixConfigurations;
  const proxy =
    proxyConfig === undefined ? settings.proxy : applyProxyConfig(settings.proxy, proxyConfig, settings.source);
  const cluster = makeCluster({
    ...rest,
    settings: { ...settings, proxy },
    pods: pods.map(({ pod }) => pod),
    services: services.map(({ service }) => service),
    ...(bgpConfiguration === undefined ? {} : { bgpConfiguration }),
    ...(felixConfiguration === undefined ? {} : { felixConfiguration }),
  });
  return { cluster, skipped };
}
