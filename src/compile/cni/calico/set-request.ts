/** The IP sets that rules ask for, under Felix's names (felix/calc/rule_scanner.go: ruleToParsedRule). */
import { printSelector, type Selector } from '../../../cluster/policy/selector.ts';
import type { Family } from '../../../net/address.ts';
import { namedPortSetId, selectorSetId, serviceSetId, setName } from './names.ts';
import type { PolicyRule, RuleSide } from './policy-model.ts';

export type SetRequest =
  | { readonly kind: 'selector'; readonly name: string; readonly selector: Selector }
  | {
      readonly kind: 'named-port';
      readonly name: string;
      readonly selector: Selector;
      readonly protocol: 'tcp' | 'udp' | 'sctp';
      readonly port: string;
    }
  | {
      readonly kind: 'service';
      readonly name: string;
      readonly namespace: string;
      readonly service: string;
      readonly withPorts: boolean;
    };

/** Sets of one end of a rule, by what they stand for. */
export type SideSets = {
  readonly addresses: readonly SetRequest[];
  readonly notAddresses: readonly SetRequest[];
  readonly namedPorts: readonly SetRequest[];
  readonly notNamedPorts: readonly SetRequest[];
  /** Addresses with ports of a Service: destinations only. */
  readonly servicePorts: readonly SetRequest[];
};

export function allSets(sets: SideSets): readonly SetRequest[] {
  return [...sets.namedPorts, ...sets.notNamedPorts, ...sets.addresses, ...sets.servicePorts, ...sets.notAddresses];
}

/**
 * A named port is a set of addresses with ports, taken among what the selector of its side selects; it then stands for the
 * selector too, unless numeric ports need that by itself. A negated selector is a set of its own.
 */
export function sideSets(side: RuleSide, end: 'from' | 'to', rule: PolicyRule, family: Family): SideSets {
  const { selector, notSelector, service } = side;
  const named = (port: string): SetRequest => {
    const among: Selector = selector ?? { kind: 'all' };
    const protocol = namedPortProtocol(rule);
    const name = setName(namedPortSetId(printSelector(among), protocol, port), family);
    return { kind: 'named-port', name, selector: among, protocol, port };
  };
  const selected = (chosen: Selector | undefined): readonly SetRequest[] =>
    chosen === undefined
      ? []
      : [{ kind: 'selector', name: setName(selectorSetId(printSelector(chosen)), family), selector: chosen }];
  const covered = side.namedPorts.length > 0 && side.ports.length === 0;
  const ofService = (withPorts: boolean): readonly SetRequest[] => {
    if (service === undefined || withPorts !== (end === 'to')) return [];
    const { namespace, name } = service;
    const id = serviceSetId(namespace, name, withPorts);
    return [{ kind: 'service', name: setName(id, family), namespace, service: name, withPorts }];
  };
  return {
    namedPorts: side.namedPorts.map(named),
    notNamedPorts: side.notNamedPorts.map(named),
    addresses: [...(covered ? [] : selected(selector)), ...ofService(false)],
    notAddresses: selected(notSelector),
    servicePorts: ofService(true),
  };
}

/** Ports of containers have a protocol; a rule without one of these three means TCP. */
function namedPortProtocol({ protocol }: PolicyRule): 'tcp' | 'udp' | 'sctp' {
  if (protocol?.number === 17) return 'udp';
  return protocol?.number === 132 ? 'sctp' : 'tcp';
}
