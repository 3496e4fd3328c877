/** A peer that only a newer API knows (with --lenient). */
import { text } from '../../explain/language.ts';
import { fromWarning } from './from-warning.ts';

export const unknownPeer = fromWarning({
  id: 'unknown-peer',
  severity: 'warning',
  title: text('A peer of an unknown kind', '未知类型的对端'),
  why: text(
    'A rule that denies fails closed and denies everything in its place.',
    '拒绝类规则会失败关闭：改为拒绝一切。',
  ),
  source: 'network-policy-api: AdminNetworkPolicyIngressPeer (fail closed)',
});
