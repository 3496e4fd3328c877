/** A HostEndpoint of a node that is not in the input. */
import { text } from '../../explain/language.ts';
import { fromWarning } from './from-warning.ts';

export const unknownNode = fromWarning({
  id: 'unknown-node',
  severity: 'warning',
  title: text('An object names a node that does not exist', '对象引用了不存在的节点'),
  why: text('The object has no effect.', '该对象不起作用。'),
  source: 'Calico: HostEndpoint.spec.node',
});
