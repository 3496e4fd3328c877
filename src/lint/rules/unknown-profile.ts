/** A HostEndpoint without its profile. */
import { text } from '../../explain/language.ts';
import { fromWarning } from './from-warning.ts';

export const unknownProfile = fromWarning({
  id: 'unknown-profile',
  severity: 'warning',
  title: text('A HostEndpoint names a profile that does not exist', 'HostEndpoint 引用了不存在的 profile'),
  why: text('What no policy decides about is dropped on that interface.', '在该接口上，没有策略裁决的流量会被丢弃。'),
  source: 'Calico: HostEndpoint.spec.profiles',
});
