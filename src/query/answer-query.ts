/** One question, answered: both ends found, and the destination followed to an address, by DNS where that is asked. */
import type { Service } from '../cluster/objects.ts';
import { assertNever } from '../lib/assert.ts';
import { ok, type Result } from '../lib/result.ts';
import { resolveSource } from '../topology/endpoints.ts';
import type { Loaded } from '../topology/load.ts';
import { answerAddress } from './answer-address.ts';
import { answerName } from './answer-name.ts';
import { checkGivenAddress, chooseOwnAddress, chooseServiceAddress, type Wanted } from './choose-address.ts';
import { findDestination } from './find-destination.ts';
import type { Query } from './query.ts';
import { familyAsked, type Question } from './question.ts';
import type { Trace } from './trace.ts';
import { unsentTrace } from './unsent-trace.ts';

/** The issues are the question's: an unknown name, a missing port. Nothing is walked then. */
export function answerQuery(loaded: Loaded, query: Query): Result<Trace> {
  const namespace = query.namespace ?? loaded.cluster.settings.defaultNamespace;
  const source = resolveSource(query.source, loaded, { namespace });
  if (!source.ok) return source;
  const destination = findDestination(query, loaded, source.value.pod?.namespace ?? namespace);
  if (!destination.ok) return destination;
  return answer({ loaded, query, source: source.value, destination: destination.value });
}

function answer(question: Question): Result<Trace> {
  const { source, destination } = question;
  if (source.problem !== undefined) {
    const values = { source: source.problem.message.replace(/ is .*$/, '') };
    return ok(unsentTrace(question, { code: 'SOURCE_NOT_RUNNING', values }));
  }
  switch (destination.kind) {
    case 'address': {
      const address = checkGivenAddress(destination.address, wanted(question));
      return address.ok ? answerAddress(question, address.value) : address;
    }
    case 'machine': {
      const address = chooseOwnAddress(destination.addresses, wanted(question));
      return address.ok ? answerAddress(question, address.value) : address;
    }
    case 'service':
      return destination.service.type === 'LoadBalancer' && isOutside(question)
        ? answerFromOutside(question, destination.service)
        : answerService(question, destination.service);
    case 'name':
      return destination.service === undefined
        ? answerName(question, nameToAsk(question))
        : answerService(question, destination.service);
    default:
      return assertNever(destination);
  }
}

function isOutside({ source: { machine } }: Question): boolean {
  return machine.kind !== 'pod' && machine.kind !== 'node';
}

/** Outside the cluster the external address stands for the Service, not the ClusterIP. */
function answerFromOutside(question: Question, service: Service): Result<Trace> {
  const external = [...service.loadBalancerIps.map(({ ip }) => ip), ...service.externalIps];
  if (external.length === 0) {
    const values = { service: `${service.namespace}/${service.name}` };
    return ok(unsentTrace(question, { code: 'LOADBALANCER_PENDING', values }));
  }
  const address = chooseServiceAddress(external, wanted(question));
  return address.ok ? answerAddress(question, address.value, { service }) : address;
}

function answerService(question: Question, service: Service): Result<Trace> {
  if (service.clusterIps.length > 0) {
    const address = chooseServiceAddress(service.clusterIps, wanted(question));
    // Whether DNS is asked or not: an address that the Service has not is nobody's answer.
    if (!address.ok) return address;
    if (skipsDns(question)) return answerAddress(question, address.value, { service });
  }
  return answerName(question, nameToAsk(question));
}

/** Told not to; or the Service is named as an object by somebody whose resolver knows no Services. */
function skipsDns({ query, source, destination: { text } }: Question): boolean {
  const asObject = text.kind === 'svc' || text.namespace !== undefined;
  return query.dns === false || (asObject && source.pod === undefined);
}

function nameToAsk({ source, destination }: Question): string {
  if (destination.kind === 'name') return destination.name;
  if (destination.kind !== 'service') return destination.displayName;
  const { name, namespace } = destination.service;
  return destination.text.namespace === undefined || namespace === source.pod?.namespace
    ? name
    : `${name}.${namespace}`;
}

function wanted(question: Question): Wanted {
  const { loaded, query, source, destination } = question;
  return {
    netns: loaded.world.netns(source.netns),
    family: familyAsked(question),
    why: query.family === undefined ? 'the source is an address of the other family' : `-${query.family}`,
    name: destination.displayName,
  };
}
