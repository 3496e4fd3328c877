/** Input texts -> the whole topology: Kubernetes objects, nettrace's documents, and the world they make. */

import type { MachineNetwork } from '../cluster/check-ranges.ts';
import type { Cluster } from '../cluster/cluster.ts';
import type { ReadContext } from '../cluster/field-reader.ts';
import { loadCluster } from '../cluster/load-cluster.ts';
import type { Note } from '../cluster/note.ts';
import type { ClusterSettings, ProxySettings } from '../cluster/settings.ts';
import type { SourceDocument } from '../cluster/source.ts';
import type { Calico } from '../compile/cni/calico/calico.ts';
import { OriginTable } from '../compile/origin.ts';
import { fail, type Issue, ok, type Result } from '../lib/result.ts';
import { network } from '../net/prefix.ts';
import { settleCluster } from './cluster-settings.ts';
import { splitDocuments } from './documents.ts';
import type { InputFile } from './input-file.ts';
import { readManifestFacts } from './manifest-facts.ts';
import { isNettraceDocument, type NettraceDocuments, readNettrace } from './nettrace/read-nettrace.ts';
import { buildWorld } from './world/build-world.ts';
import { checkDuplicates, checkNodeGateways, checkPodNetworks } from './world/check-addresses.ts';
import { textIssues } from './world/check-texts.ts';
import { bgpFaults } from './world/fault-targets.ts';
import type { Inventory } from './world/inventory.ts';
import { machinesOf } from './world/scene.ts';
import { machineAddresses } from './world/stations.ts';

export type LoadOptions = {
  /** Unknown fields are warnings. */
  readonly lenient?: boolean;
  /** kube-proxy's mode, whatever the input says. */
  readonly proxyMode?: ProxySettings['mode'];
};

export type Loaded = {
  /** Always there; without Kubernetes objects and nodes it is empty. */
  readonly cluster: Cluster;
  readonly origins: OriginTable;
  /** The world of walks, and who is in it. */
  readonly world: Inventory;
  readonly documents: NettraceDocuments;
  /** Set where the cluster's CNI plugin is Calico. */
  readonly calico: Calico | undefined;
  /** Whether NetworkPolicies have any effect. */
  readonly enforcesPolicies: boolean;
  /** What was derived because the input does not say it. */
  readonly notes: readonly Note[];
  readonly warnings: readonly Issue[];
  /** Kinds that decide nothing here, with how many there were. */
  readonly skipped: ReadonlyMap<string, number>;
};

/** Every problem of all inputs at once, or the topology. Nothing here touches the file system. */
export function loadTopology(inputs: readonly InputFile[], options: LoadOptions = {}): Result<Loaded> {
  const split = splitDocuments(inputs);
  const issues: Issue[] = [...split.issues];
  const context: ReadContext = { issues, lenient: options.lenient ?? false };
  const own: SourceDocument[] = [];
  const manifests: SourceDocument[] = [];
  for (const document of split.documents) (isNettraceDocument(document) ? own : manifests).push(document);

  const texts = new Map(inputs.map(({ file, text }) => [file, text]));
  const documents = readNettrace(own, { ...context, texts });
  const taken = documents.hosts.flatMap((host) =>
    host.interfaces.flatMap((device) => device.addresses.map(({ addr }) => addr)),
  );
  const facts = readManifestFacts(manifests);
  const settled = settleCluster(documents.cluster, facts, bgpFaults(documents.faults), taken);
  const { notes } = settled;
  const settings = inMode(settled.settings, options.proxyMode);
  const addresses = machineAddresses(machinesOf(settings.nodes, documents));
  issues.push(...checkNodeGateways(settings), ...checkDuplicates(addresses.onSegments));
  const hasCluster = settings.nodes.length > 0 || documents.cluster !== undefined || manifests.length > 0;
  if (hasCluster) issues.push(...checkPodNetworks(settings, addresses.networks));
  const loaded = loadCluster(manifests, settings, {
    lenient: context.lenient,
    notes,
    machines: hasCluster ? otherNetworks(documents) : [],
  });
  issues.push(...(loaded.ok ? loaded.value.warnings : loaded.issues));
  if (!loaded.ok || hasErrors(issues))
    return fail(...unique([...issues, ...textIssues(documents.hosts, documents.containers)]));

  const { cluster, skipped } = loaded.value;
  const origins = new OriginTable();
  const built = buildWorld({ cluster, documents, origins });
  issues.push(...built.issues);
  if (hasErrors(issues)) return fail(...unique(issues));
  const { inventory, calico, enforcesPolicies } = built;
  return ok({
    ...{ cluster, origins, documents, calico, enforcesPolicies, skipped },
    world: inventory,
    notes: [...cluster.notes, ...built.notes],
    warnings: unique(issues),
  });
}

function inMode(settings: ClusterSettings, mode: LoadOptions['proxyMode']): ClusterSettings {
  return mode === undefined ? settings : { ...settings, proxy: { ...settings.proxy, mode } };
}

/** Networks that machines beside the nodes are on. */
function otherNetworks(documents: NettraceDocuments): readonly MachineNetwork[] {
  return machineAddresses(machinesOf([], documents)).networks.map(({ what, prefix, at }) => ({
    machine: what,
    network: network(prefix),
    ...(at === undefined ? {} : { at }),
  }));
}

function hasErrors(issues: readonly Issue[]): boolean {
  return issues.some(({ severity }) => severity === 'error');
}

/** One mistake may be seen by two readers. */
function unique(issues: readonly Issue[]): readonly Issue[] {
  const key = ({ code, message, at }: Issue): string => `${code} ${message} ${at?.file} ${at?.line} ${at?.column}`;
  return [...new Map(issues.map((found) => [key(found), found])).values()];
}
