/** The Pod network over a network of machines. */
import { text } from '../../explain/language.ts';
import { fromWarning } from './from-warning.ts';

export const rangeOverlap = fromWarning({
  id: 'range-overlap',
  severity: 'warning',
  title: text('Address ranges overlap', '地址段重叠'),
  why: text(
    'Traffic for one of the two is taken for traffic of the other; which, the routes decide.',
    '发往其中一个的流量会被当作另一个的；由路由决定。',
  ),
  source: 'seed S39; kubeadm: validate.ValidatePodSubnetNodeMask',
});
