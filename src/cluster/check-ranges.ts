/** Whether the address ranges of a cluster leave each other alone. */
import type { Issue, Position } from '../lib/result.ts';
import { network, overlaps, type Prefix, printPrefix } from '../net/prefix.ts';
import { familiesOf, nodeAddresses } from './node-networks.ts';
import type { ClusterSettings } from './settings.ts';
import { positionOf } from './source.ts';

/** A network that some machine is on: `node vms81`, `host laptop`. */
export type MachineNetwork = { readonly machine: string; readonly network: Prefix; readonly at?: Position };

/**
 * The Service network must meet neither the Pod network nor a machine's own (seed S39): kube-proxy would take traffic for
 * a machine as traffic for a Service. Pod networks that hold the machines' network work where every machine has the Pods'
 * routes (Calico's classic 192.168.0.0/16), so that this is only a warning.
 */
export function checkRanges(settings: ClusterSettings, others: readonly MachineNetwork[]): readonly Issue[] {
  const issues: Issue[] = [];
  const at = (field: 'podCIDRs' | 'serviceCIDRs', index: number): { readonly at?: Position } =>
    settings.source === undefined ? {} : { at: positionOf(settings.source, 'spec', field, index) };
  const machines = [
    ...settings.nodes.flatMap((node) =>
      nodeAddresses(node).map((address) => ({ machine: `node ${node.name}`, network: network(address) })),
    ),
    ...others,
  ];
  if (familiesOf(settings.serviceCIDRs).length < settings.serviceCIDRs.length) {
    // kube-apiserver's validateClusterIPFlags().
    const message =
      settings.serviceCIDRs.length > 2
        ? '--service-cluster-ip-range must not contain more than two entries'
        : '--service-cluster-ip-range[0] and --service-cluster-ip-range[1] must be of different IP family';
    issues.push({ severity: 'error', code: 'service-ranges', message, ...at('serviceCIDRs', 1) });
  }
  for (const [index, service] of settings.serviceCIDRs.entries()) {
    for (const pod of settings.podCIDRs.filter((cidr) => overlaps(cidr, service))) {
      const message = `the Service network ${printPrefix(service)} overlaps the Pod network ${printPrefix(pod)}`;
      issues.push({ severity: 'error', code: 'range-overlap', message, ...at('serviceCIDRs', index) });
    }
    const hit = machines.filter((machine) => overlaps(machine.network, service));
    if (hit.length > 0) {
      const message = `the Service network ${printPrefix(service)} overlaps ${listMachines(hit)}`;
      issues.push({ severity: 'error', code: 'range-overlap', message, ...at('serviceCIDRs', index) });
    }
  }
  for (const [index, pod] of settings.podCIDRs.entries()) {
    const hit = machines.filter((machine) => overlaps(machine.network, pod));
    if (hit.length === 0) continue;
    const message = `the Pod network ${printPrefix(pod)} overlaps ${listMachines(hit)}`;
    issues.push({ severity: 'warning', code: 'range-overlap', message, ...at('podCIDRs', index) });
  }
  return issues;
}

function listMachines(machines: readonly MachineNetwork[]): string {
  const shown = machines
    .slice(0, 3)
    .map(({ machine, network: own }) => `the network ${printPrefix(own)} of ${machine}`);
  const more = machines.length - shown.length;
  return `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
