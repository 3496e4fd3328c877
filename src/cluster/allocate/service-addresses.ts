/** Gives Services their cluster addresses and node ports, and refuses wrong ones in the API server's words. */

import type { Issue, Position } from '../../lib/result.ts';
import { type Family, familyOf, type IpAddr, offsetIp, printIp } from '../../net/address.ts';
import { contains, hostPrefix, network, type Prefix, printPrefix, sizeOf } from '../../net/prefix.ts';
import { invalid } from '../field-error.ts';
import { familiesOf } from '../node-networks.ts';
import type { Note } from '../note.ts';
import type { Service } from '../objects.ts';
import type { ServiceDraft } from '../read/read-service.ts';
import type { ClusterSettings } from '../settings.ts';
import { positionOf, type Source } from '../source.ts';
import { atField } from './at-field.ts';
import { NodePorts } from './node-ports.ts';
import { settleServiceFamilies } from './service-families.ts';

type Input = {
  readonly drafts: readonly ServiceDraft[];
  readonly settings: ClusterSettings;
  /** Whether somebody wrote the Service networks down: an address outside of assumed ones is only a warning. */
  readonly rangesGiven: boolean;
  readonly notes: Note[];
  readonly issues: Issue[];
};

/** In the order of the input, as if the objects had been created one after the other; given ones first. */
export function giveServiceAddresses({ drafts, settings, rangesGiven, notes, issues }: Input): readonly ServiceDraft[] {
  const addresses = new ClusterIps(settings.serviceCIDRs.map(network), rangesGiven, issues);
  const ports = new NodePorts(settings.nodePortRange, issues);
  for (const { service } of drafts) {
    addresses.reserve(service);
    ports.reserve(service);
  }
  const available = familiesOf(settings.serviceCIDRs);
  return drafts.map((draft) => {
    const { type } = draft.service;
    // A range that nobody wrote down refuses nothing: a dump of a cluster with IPv6 alone may come without settings.
    const known = rangesGiven
      ? available
      : familiesOf([...settings.serviceCIDRs, ...draft.service.clusterIps.map(hostPrefix)]);
    const ipFamilies = type === 'ExternalName' ? undefined : settleServiceFamilies(draft, known, issues);
    const clusterIps =
      ipFamilies === undefined ? draft.service.clusterIps : addresses.complete(draft, ipFamilies, notes);
    const service = { ...draft.service, clusterIps, ...ports.complete(draft, notes) };
    return { ...draft, service: ipFamilies === undefined ? service : { ...service, ipFamilies } };
  });
}

class ClusterIps {
  readonly #cidrs: readonly Prefix[];
  readonly #rangesGiven: boolean;
  readonly #issues: Issue[];
  readonly #owners = new Map<IpAddr, Service>();
  readonly #next = new Map<Prefix, number>();

  constructor(cidrs: readonly Prefix[], rangesGiven: boolean, issues: Issue[]) {
    this.#cidrs = cidrs;
    this.#rangesGiven = rangesGiven;
    this.#issues = issues;
  }

  /** allocClusterIPs(): the list is named, with all of its addresses. */
  reserve(service: Service): void {
    const all = service.clusterIps.map(printIp);
    for (const [index, ip] of service.clusterIps.entries()) {
      const refuse = (severity: Issue['severity'], words: string, hint?: string): void => {
        const message = invalid(all, `failed to allocate IP ${printIp(ip)}: ${words}`);
        const refused = atField(severity, 'cluster-ip', service, ['spec', 'clusterIPs'], message);
        const at = service.source === undefined ? {} : { at: placeOf(service.source, index) };
        this.#issues.push({ ...refused, ...at, ...(hint === undefined ? {} : { hint }) });
      };
      const owner = this.#owners.get(ip);
      if (owner === undefined) this.#owners.set(ip, service);
      else refuse('error', 'provided IP is already allocated', `Service ${owner.namespace}/${owner.name} has it`);
      if (!this.#cidrs.some((cidr) => contains(cidr, ip))) {
        const ranges = this.#cidrs.map(printPrefix).join(', ');
        const words = `the provided IP (${printIp(ip)}) is not in the valid range. The range of valid IPs is ${ranges}`;
        refuse(this.#rangesGiven ? 'error' : 'warning', words);
      }
    }
  }

  /** The given ones, and one of each other family of the Service (allocClusterIPs()). */
  complete({ service }: ServiceDraft, families: readonly Family[], notes: Note[]): readonly IpAddr[] {
    if (service.headless) return service.clusterIps;
    const missing = families.slice(service.clusterIps.length);
    if (missing.length === 0) return service.clusterIps;
    const taken = missing.flatMap((family) => this.#take(service, family) ?? []);
    const ips = [...service.clusterIps, ...taken];
    const about = `Service ${service.namespace}/${service.name}`;
    const message = `${about} is taken to have the cluster address ${taken.map(printIp).join(' and ')}`;
    if (taken.length === missing.length) notes.push({ code: 'CLUSTER_IP_ASSUMED', message, about });
    else
      this.#issues.push(
        atField('error', 'cluster-ip', service, ['spec'], 'failed to allocate a serviceIP: range is full'),
      );
    return ips;
  }

  /**
   * The well-known places first (the API server is the 1st address, kubeadm's DNS the 10th), then from the start of the
   * part that the API server gives out of its own accord (KEP-3070): min(max(16, size/16), 256) addresses are kept.
   */
  #take(service: Service, family: Family): IpAddr | undefined {
    for (const cidr of this.#cidrs) {
      if (familyOf(cidr.addr) !== family) continue;
      const size = Math.min(sizeOf(cidr), 2 ** 20);
      const kept = Math.min(Math.max(16, Math.floor(size / 16)), 256);
      const places = [wellKnownPlace(service), this.#next.get(cidr) ?? Math.min(kept, size - 1)];
      for (const place of places) {
        if (place === undefined) continue;
        for (let n = place; n < size - 1; n++) {
          const ip = offsetIp(cidr.addr, n);
          if (this.#owners.has(ip)) {
            if (place === wellKnownPlace(service)) break;
            continue;
          }
          this.#owners.set(ip, service);
          if (place !== wellKnownPlace(service)) this.#next.set(cidr, n + 1);
          return ip;
        }
      }
      for (let n = 1; n < Math.min(kept, size - 1); n++) {
        const ip = offsetIp(cidr.addr, n);
        if (this.#owners.has(ip)) continue;
        this.#owners.set(ip, service);
        return ip;
      }
    }
    return undefined;
  }
}

/** Where an address stands: in the list, or as the one of clusterIP. */
function placeOf(source: Source, index: number): Position {
  const listed = positionOf(source, 'spec', 'clusterIPs', index);
  const single = positionOf(source, 'spec', 'clusterIP');
  // What is not there stands where its spec does.
  const { line, column } = positionOf(source, 'spec');
  return listed.line === line && listed.column === column ? single : listed;
}

function wellKnownPlace({ namespace, name }: Service): number | undefined {
  if (namespace === 'default' && name === 'kubernetes') return 1;
  if (namespace === 'kube-system' && name === 'kube-dns') return 10;
  return undefined;
}
