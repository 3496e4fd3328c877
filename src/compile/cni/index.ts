/** The list of CNI plugins. */
import type { CniSettings } from '../../cluster/settings.ts';
import type { CniCompiler } from '../parts.ts';
import { bridge } from './bridge/index.ts';
import { calico } from './calico/index.ts';
import { canal } from './canal/index.ts';
import { flannel } from './flannel/index.ts';
import { none } from './none/index.ts';

export const CNI_PLUGINS: Readonly<Record<CniSettings['plugin'], CniCompiler>> = {
  calico,
  flannel,
  canal,
  bridge,
  none,
};
