import { type Issue, issue } from '../../lib/result.ts';
import type { ContainerDocument } from '../nettrace/container-document.ts';

/** A mistake in a field of a Container's spec, at its place. */
export function containerIssue(
  document: ContainerDocument,
  field: string,
  code: string,
  message: string,
  hint?: string,
): Issue {
  const { source } = document;
  return issue(code, message, {
    at: source.document.locate([...source.path, 'spec', field]),
    ...(hint === undefined ? {} : { hint }),
  });
}
