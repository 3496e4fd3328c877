/** Ports of the classes of Pods: those they listen on, the names they give, and the Services in front of them. */
import type { Cluster } from '../cluster/cluster.ts';
import type { Protocol, Service, ServicePort } from '../cluster/objects.ts';
import { podListeners } from '../compile/pod-listeners.ts';
import type { PortRange } from '../net/port-range.ts';
import type { PolicyFacts } from './policy-facts.ts';

type SlotPorts = {
  /** Some Pod says nothing about its ports, so that any may be open. */
  readonly isOpen: boolean;
  /** `tcp 80` */
  readonly listening: ReadonlySet<string>;
  /** `TCP http` */
  readonly names: ReadonlySet<string>;
};

export type FrontingPort = { readonly service: Service; readonly port: ServicePort };

export class PortFacts {
  readonly #policies: PolicyFacts;
  readonly #slots = new Map<number, SlotPorts>();
  readonly #services: ReadonlyMap<number, readonly Service[]>;

  constructor(cluster: Cluster, policies: PolicyFacts) {
    this.#policies = policies;
    const services = new Map<number, Set<Service>>();
    const { slotOf } = policies.connectivity.classes;
    for (const service of cluster.services) {
      if (service.selector === undefined) continue;
      for (const pod of cluster.podsWithLabels(service.namespace, service.selector)) {
        const slot = slotOf.get(pod);
        if (slot === undefined) continue;
        const own = services.get(slot) ?? new Set();
        services.set(slot, own.add(service));
      }
    }
    this.#services = new Map([...services].map(([slot, own]) => [slot, [...own]]));
  }

  /** Whether a Pod of one of the classes may listen on one of the ports. */
  mayListen(slots: readonly number[], protocol: Protocol, { first, last }: PortRange): boolean {
    return slots.some((slot) => {
      const { isOpen, listening } = this.#of(slot);
      if (isOpen) return true;
      if (first === last) return listening.has(`${protocol.toLowerCase()} ${first}`);
      return [...listening].some((each) => {
        const [lane, port] = each.split(' ');
        return lane === protocol.toLowerCase() && Number(port) >= first && Number(port) <= last;
      });
    });
  }

  hasName(slots: readonly number[], protocol: Protocol, name: string): boolean {
    return slots.some((slot) => this.#of(slot).names.has(`${protocol} ${name}`));
  }

  /** Names that the Pods do have, sorted. */
  namesOf(slots: readonly number[]): readonly string[] {
    return [
      ...new Set(slots.flatMap((slot) => [...this.#of(slot).names].map((each) => each.split(' ')[1] ?? ''))),
    ].sort();
  }

  /** The port of a Service in front of one of the classes that leads to another port of theirs. */
  translating(slots: readonly number[], protocol: Protocol, number: number): FrontingPort | undefined {
    for (const slot of slots) {
      for (const service of this.#services.get(slot) ?? []) {
        const port = service.ports.find(
          (each) => each.protocol === protocol && each.port === number && each.targetPort !== number,
        );
        if (port !== undefined && !service.headless) return { service, port };
      }
    }
    return undefined;
  }

  #of(slot: number): SlotPorts {
    let ports = this.#slots.get(slot);
    if (ports === undefined) {
      const pods = this.#policies.podsOf(slot);
      const listeners = pods.flatMap((pod) => podListeners(pod));
      ports = {
        isOpen: listeners.some(({ port }) => port === 'any'),
        listening: new Set(listeners.map(({ protocol, port }) => `${protocol} ${port}`)),
        names: new Set(
          pods.flatMap((pod) =>
            pod.ports.flatMap(({ name, protocol }) => (name === undefined ? [] : [`${protocol} ${name}`])),
          ),
        ),
      };
      this.#slots.set(slot, ports);
    }
    return ports;
  }
}
