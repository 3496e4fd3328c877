/** nftables' tables as data: what `nft list ruleset` lists. */
import type { Lazy } from '../../lib/lazy.ts';
import type { Hook } from '../netfilter/hook.ts';
import type { OriginId } from '../origin.ts';
import type { DatatypeName } from './datatype.ts';
import type { Constant, MapData, Statement } from './expression.ts';

/** Only ip, ip6 and inet tables see the packets of a walk. */
export type NftFamily = 'ip' | 'ip6' | 'inet' | 'arp' | 'bridge' | 'netdev';

export type NftRule = {
  readonly statements: readonly Statement[];
  readonly comment?: string;
  readonly origin?: OriginId;
};

/** Where a chain is called from the kernel's hooks. */
export type BaseChain = {
  readonly type: 'filter' | 'nat' | 'route';
  /** Hooks of other families (ingress, egress) are kept by name and never run here. */
  readonly hook: Hook | 'ingress' | 'egress';
  readonly device?: string;
  readonly priority: number;
  readonly policy: 'accept' | 'drop';
};

/** With `base` it is called from a hook, else only from other chains. */
export type NftChain = {
  readonly name: string;
  readonly comment?: string;
  readonly base?: BaseChain;
  /** Read when a packet first enters the chain (or `show` prints it). */
  readonly rules: Lazy<readonly NftRule[]>;
};

export type NftElement = {
  /** One Constant for each field of the key. */
  readonly key: readonly Constant[];
  readonly comment?: string;
  /** Milliseconds. */
  readonly timeout?: number;
  readonly expires?: number;
  /** `counter packets 0 bytes 0` and the like, as listed behind the key. */
  readonly text?: string;
  readonly data?: Lazy<MapData>;
  readonly origin?: OriginId;
};

export type NftSet = {
  readonly name: string;
  readonly kind: 'set' | 'map';
  readonly keyTypes: readonly DatatypeName[];
  /** `typeof ip saddr . th dport`, where the set was declared so. */
  readonly typeOf?: string;
  /** undefined for sets; `verdict` for verdict maps. */
  readonly dataTypes?: readonly DatatypeName[] | 'verdict';
  readonly flags: readonly ('constant' | 'interval' | 'timeout' | 'dynamic')[];
  readonly size?: number;
  readonly policy?: 'memory' | 'performance';
  /** Milliseconds. */
  readonly timeout?: number;
  readonly gcInterval?: number;
  readonly autoMerge?: boolean;
  /** Statements of every element: `counter`. */
  readonly statements?: string;
  readonly comment?: string;
  readonly elements: Lazy<readonly NftElement[]>;
};

/** Things that are listed and have no say: `counter`, `quota`, `ct helper`, `flowtable` blocks. */
export type NftObject = { readonly kind: string; readonly name: string; readonly lines: readonly string[] };

export type NftTable = {
  readonly family: NftFamily;
  readonly name: string;
  readonly comment?: string;
  /** `flags dormant`: no chain of it runs. */
  readonly dormant?: boolean;
  readonly objects: readonly NftObject[];
  /** In the order of creation, which is that of listing. */
  readonly sets: Lazy<readonly NftSet[]>;
  readonly chains: Lazy<readonly NftChain[]>;
  readonly baseChains: Lazy<readonly NftChain[]>;
  chain(name: string): NftChain | undefined;
  set(name: string): NftSet | undefined;
};

/** In the order of creation. */
export type NftRuleset = readonly NftTable[];

/** A rule as a program hands it to nft: its words, with the comment apart. */
export type NftRuleSpec = { readonly text: string; readonly comment?: string; readonly origin?: OriginId };
