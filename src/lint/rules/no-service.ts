/** An EndpointSlice without the label of its Service. */
import { text } from '../../explain/language.ts';
import { fromWarning } from './from-warning.ts';

export const noService = fromWarning({
  id: 'no-service',
  severity: 'warning',
  title: text('An EndpointSlice that belongs to no Service', '不属于任何 Service 的 EndpointSlice'),
  why: text('kube-proxy ignores it.', 'kube-proxy 会忽略它。'),
  source: 'Kubernetes: label kubernetes.io/service-name',
});
