/** A comparison as plain data: what reports print. */
import type { ProxySettings } from '../../cluster/settings.ts';
import type { BackendShare } from '../backend-shares.ts';
import type { Trace } from '../trace.ts';

export type ProxyMode = ProxySettings['mode'];

/** The modes of kube-proxy that can be compared, in the order in which they came to be. */
export const COMPARED_MODES: readonly ProxyMode[] = ['iptables', 'ipvs', 'nftables'];

/** The answer in one mode. */
export type ModeAnswer = {
  readonly mode: ProxyMode;
  readonly result: Trace['result'];
  /** Endpoints that the request was sent to, likeliest first, equal ones by name. */
  readonly backends: readonly BackendShare[];
  /** Addresses that receivers see the client by. */
  readonly sourceSeen: readonly string[];
  readonly stats: Trace['stats'];
  readonly assumptions: Trace['assumptions'];
};

/** What a user notices when the mode changes. */
export type Difference = 'outcome' | 'backends' | 'sourceSeen' | 'rulesExamined';

export type Comparison = {
  readonly query: Trace['query'];
  readonly modes: readonly ModeAnswer[];
  /** In what the modes differ. */
  readonly differences: readonly Difference[];
};
