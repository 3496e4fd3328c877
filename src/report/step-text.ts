/** One step in words: where, what, and the details. */

import type { OriginView } from '../explain/origin-view.ts';
import { printTitle } from '../explain/origin-view.ts';
import type { HopView, StepView } from '../query/trace.ts';
import { printChange, printPacket } from './packet-text.ts';

export type StepText = {
  readonly where: string;
  readonly what: string;
  readonly detail: string /** The rule, and the chains that led to it. */;
  readonly below: readonly string[];
  readonly source: string;
};

/** @param part says half a sentence in the reader's language */
export function textOfStep(step: StepView, hop: HopView, part: (words: string) => string): StepText {
  return {
    where: whereOf(step, hop),
    what: whatOf(step),
    detail: detailOf(step),
    below: belowOf(step, part),
    source: tellsSource(step) ? sourceOf(step.origin) : '',
  };
}

/** `nat/PREROUTING`, `eth0@pod1`, `route`. */
function whereOf(step: StepView, hop: HopView): string {
  if (step.table !== null) return `${step.table}/${step.chains[0] ?? step.hook ?? step.chain ?? ''}`;
  if (step.hook !== null) return `${step.phase === 'ipvs' ? 'ipvs' : 'conntrack'}/${step.hook}`;
  // Without its namespace, which would push the columns apart; tree and JSON have it.
  const inside = hop.inside === null ? '' : `@${hop.inside.split('/').at(-1) ?? ''}`;
  if (step.phase === 'route') return `route${inside}`;
  if (step.phase === 'http') return `proxy${inside}`;
  if (step.phase === 'segment' || step.action.startsWith('DROP SEGMENT_BLOCKED')) return 'segment';
  const nowhere = step.phase === 'originate' ? 'process' : 'kernel';
  return `${step.device ?? hop.device ?? nowhere}${inside}`;
}

function whatOf(step: StepView): string {
  if (step.phase === 'netfilter' || step.phase === 'ipvs') return step.action.split(' ')[0] ?? '';
  if (step.phase === 'drop') return 'DROP';
  if (step.phase === 'http') return 'HTTP';
  if (step.phase === 'neighbour') return 'ARP';
  if (step.phase === 'bridge' || step.phase === 'segment' || step.phase === 'chain') return step.phase.toUpperCase();
  if (step.phase === 'miss') return 'no match';
  if (step.phase === 'deliver') return 'DELIVER';
  // The drop behind it has the whole reason.
  if (step.phase === 'route') return step.action.replace(/^ROUTE_/, '');
  return step.action;
}

function detailOf(step: StepView): string {
  const change = step.after === null ? '' : printChange(step.before, step.after);
  switch (step.phase) {
    case 'originate':
      return printPacket(step.before);
    case 'deliver':
      return `${printPacket(step.before)} ${step.action.replace(/^DELIVER ?/, '')}`;
    case 'transmit':
      return step.receiver === null ? '' : `to ${step.receiver}`;
    case 'answer':
      return step.after === null ? '' : printPacket(step.after);
    case 'route':
      return step.rule ?? '';
    case 'drop':
      return step.action.replace(/^DROP /, '');
    case 'neighbour':
    case 'bridge':
    case 'segment':
    case 'chain':
      return step.action;
    case 'http':
      return step.action;
    case 'miss':
      return `${step.chain} ${step.number ?? ''}: ${step.action.replace(/^no match: /, '')}`;
    case 'ipvs':
      return [step.action.replace(/^IPVS /, ''), change].filter((words) => words !== '').join(': ');
    case 'netfilter':
      return change === '' ? restOfAction(step) : change;
    default:
      return change;
  }
}

/** `KUBE-SERVICES` of `jump KUBE-SERVICES`; the end of a chain names itself. */
function restOfAction(step: StepView): string {
  const rest = step.action.split(' ').slice(1).join(' ');
  if (step.event === 'rule') return rest;
  return `${rest === '' ? '' : `${rest} `}(${step.event} of ${step.chain})`;
}

function belowOf(step: StepView, part: (words: string) => string): readonly string[] {
  if (step.phase === 'http') return step.rule === null || step.rule === '' ? [] : [part(step.rule)];
  if (step.phase === 'ipvs') return step.rule === null ? [] : [step.rule];
  if (step.phase !== 'netfilter' && step.phase !== 'miss') return [];
  const path = step.chains.length > 1 ? [step.chains.join(' > ')] : [];
  return step.rule === null || step.event === 'policy' ? path : [...path, step.rule];
}

/** Routes and the rules of the machinery itself are as expected: whose they are matters where they decide. */
function tellsSource({ phase, origin, blamed }: StepView): boolean {
  return blamed || (phase !== 'route' && phase !== 'encapsulate' && origin?.kind !== 'Cluster');
}

/** `svc.yaml:4`, or the object where it was made without a file. */
function sourceOf(origin: OriginView | null): string {
  if (origin === null) return '';
  const title = printTitle(origin);
  return origin.file === null ? title : `${title} ${origin.file}:${origin.line ?? '?'}`;
}
