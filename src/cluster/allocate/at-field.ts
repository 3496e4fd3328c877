import type { Issue } from '../../lib/result.ts';
import { writtenKind } from '../policy/written-kind.ts';
import { type PathSegment, positionOf, printPath, type Source } from '../source.ts';

/** An issue about a field of an object that has been read already: `Service shop/web: spec.clusterIP: message`. */
export function atField(
  severity: Issue['severity'],
  code: string,
  object: { readonly kind: string; readonly namespace?: string; readonly name: string; readonly source?: Source },
  path: readonly PathSegment[],
  message: string,
): Issue {
  const { kind, namespace, name, source } = object;
  const subject = `${writtenKind(kind).kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
  return {
    severity,
    code,
    message: `${subject}: ${path.length === 0 ? '' : `${printPath(path)}: `}${message}`,
    ...(source === undefined ? {} : { at: positionOf(source, ...path) }),
  };
}
