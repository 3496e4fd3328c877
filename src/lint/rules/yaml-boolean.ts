/** Words that YAML 1.1 takes as booleans, without quotes. */
import { text } from '../../explain/language.ts';
import { fromWarning } from './from-warning.ts';

export const yamlBoolean = fromWarning({
  id: 'yaml-boolean',
  severity: 'warning',
  title: text('A label value that kubectl reads as a boolean', '会被 kubectl 当作布尔值的标签值'),
  why: text(
    'YAML 1.1, which kubectl reads, has yes, no, on, off, y and n as booleans: the API server refuses the object.',
    'kubectl 使用 YAML 1.1，其中 yes、no、on、off、y、n 是布尔值：API server 会拒绝该对象。',
  ),
  source: 'YAML 1.1, bool type; sigs.k8s.io/yaml',
});
