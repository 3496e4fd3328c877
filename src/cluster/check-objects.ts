/** Rules between objects: names given twice, addresses given twice, Pods on nodes that do not exist. */
import { nearest } from '../lib/nearest.ts';
import type { Issue } from '../lib/result.ts';
import { type IpAddr, printIp } from '../net/address.ts';
import { contains, printPrefix } from '../net/prefix.ts';
import { atField } from './allocate/at-field.ts';
import { nodeAddresses } from './node-networks.ts';
import type { IpPool, Pod } from './objects.ts';
import type { ClusterSettings } from './settings.ts';
import { positionOf, type Source } from './source.ts';

type Named = { readonly kind: string; readonly name: string; readonly namespace?: string; readonly source?: Source };

/** The first of each name; every other one is an error that names both places. */
export function withoutDuplicates<T>(items: readonly T[], objectOf: (item: T) => Named, issues: Issue[]): readonly T[] {
  const first = new Map<string, Named>();
  return items.filter((item) => {
    const object = objectOf(item);
    const key = `${object.kind} ${object.namespace ?? ''}/${object.name}`;
    const known = first.get(key);
    if (known === undefined) {
      first.set(key, object);
      return true;
    }
    issues.push(atField('error', 'duplicate-object', object, ['metadata', 'name'], `is defined twice${alsoAt(known)}`));
    return false;
  });
}

function alsoAt({ source }: Named): string {
  if (source === undefined) return '';
  const { file, line, column } = positionOf(source, 'metadata', 'name');
  return `: also at ${file}:${line}:${column}`;
}

/** Addresses and nodes that the input gives to Pods. Ended Pods have given their addresses back. */
export function checkPods(
  pods: readonly Pod[],
  settings: ClusterSettings,
  ipPools: readonly IpPool[],
  issues: Issue[],
): void {
  const nodes = new Set(settings.nodes.map(({ name }) => name));
  const machines = new Map(
    settings.nodes.flatMap((node) => nodeAddresses(node).map(({ addr }) => [addr, node.name] as const)),
  );
  const owners = new Map<IpAddr, Pod>();
  const ranges = [
    ...settings.podCIDRs,
    ...ipPools.map(({ cidr }) => cidr),
    ...settings.nodes.flatMap(({ blocks }) => blocks ?? []),
  ];
  const outside: Pod[] = [];
  for (const pod of pods) {
    if (pod.node !== undefined && !nodes.has(pod.node)) {
      const [best] = nearest(pod.node, nodes, 1);
      const hint = best === undefined ? `nodes: ${[...nodes].sort().slice(0, 10).join(', ')}` : `did you mean ${best}?`;
      issues.push({
        ...atField('error', 'unknown-node', pod, ['spec', 'nodeName'], `there is no node ${pod.node}`),
        hint,
      });
    }
    if (pod.hostNetwork || pod.phase === 'Succeeded' || pod.phase === 'Failed') continue;
    for (const ip of pod.ips) {
      const owner = owners.get(ip);
      if (owner !== undefined) {
        const message = `${printIp(ip)} is also the address of Pod ${owner.namespace}/${owner.name}${alsoAt(owner)}`;
        issues.push(atField('error', 'duplicate-address', pod, ['status', 'podIP'], message));
      } else owners.set(ip, pod);
      const machine = machines.get(ip);
      if (machine !== undefined) {
        issues.push(
          atField(
            'error',
            'duplicate-address',
            pod,
            ['status', 'podIP'],
            `${printIp(ip)} is the address of node ${machine}`,
          ),
        );
      }
      if (!ranges.some((range) => contains(range, ip))) outside.push(pod);
    }
  }
  const [first] = outside;
  if (first === undefined || settings.podCIDRs.length === 0) return;
  const others = outside.length > 1 ? ` (and those of ${outside.length - 1} other Pods)` : '';
  const message = `its address ${first.ips.map(printIp).join(', ')}${others} is in no Pod network (${settings.podCIDRs.map(printPrefix).join(', ')})`;
  issues.push(atField('warning', 'address-outside', first, ['status', 'podIP'], message));
}
