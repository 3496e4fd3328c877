/** 10.0.0.5/8 is 10.0.0.0/8. */
import { text } from '../../explain/language.ts';
import { fromWarning } from './from-warning.ts';

export const hostBits = fromWarning({
  id: 'host-bits',
  severity: 'warning',
  title: text('An address range with host bits', '带有主机位的地址段'),
  why: text(
    'The bits behind the prefix length do not count: the range is another one than it looks like, or one address was meant.',
    '前缀长度之后的位不起作用：实际地址段与看起来的不同，或者本意是单个地址。',
  ),
  source: 'Kubernetes: ValidateIPBlock warns of it (KEP-4858)',
});
