/** What a rule of nftables is made of: the expressions and statements of nft(8), as data. */
import type { DatatypeName } from './datatype.ts';
import type { Selector } from './selector.ts';

/** A value in a register: numbers and addresses by value, interface names as text. */
export type Value = number | bigint | string;

/** One field of a constant, of a set's element or of the right side of a comparison. */
export type Constant =
  | { readonly kind: 'value'; readonly value: Value }
  | { readonly kind: 'prefix'; readonly value: Value; readonly bits: number }
  | { readonly kind: 'range'; readonly first: Value; readonly last: Value }
  /** `"cali*"`: every interface name that starts like this. */
  | { readonly kind: 'wildcard'; readonly start: string }
  /** `*`: the catch-all element of a set. */
  | { readonly kind: 'any' };

/** struct nft_verdict in the words of nft. */
export type Verdict =
  | { readonly kind: 'accept' | 'drop' | 'continue' | 'return' }
  | { readonly kind: 'jump' | 'goto'; readonly chain: string }
  /** `queue`: to a program that the model does not know. */
  | { readonly kind: 'queue'; readonly text: string };

/** What an element of a map leads to. */
export type MapData =
  | { readonly kind: 'verdict'; readonly verdict: Verdict }
  | { readonly kind: 'values'; readonly values: readonly Constant[] };

/** `{ … }` in the middle of a rule. */
export type AnonymousSet = {
  readonly kind: 'anonymous';
  readonly elements: readonly AnonymousElement[];
  /** Of the values that the elements lead to; undefined for sets and verdict maps. */
  readonly dataTypes: readonly DatatypeName[] | undefined;
};

/** One Constant for each field of the key. */
export type AnonymousElement = { readonly key: readonly Constant[]; readonly data?: MapData };

/** `@name` or `{ … }`. */
export type SetSource = { readonly kind: 'named'; readonly name: string } | AnonymousSet;

/** What a rule reads from the packet and its surroundings, and makes of it. */
export type Expression =
  | { readonly kind: 'selector'; readonly selector: Selector }
  | {
      readonly kind: 'fib';
      readonly address: 'saddr' | 'daddr';
      readonly mark: boolean;
      readonly device: 'iif' | 'oif' | undefined;
      readonly result: 'type' | 'oif' | 'oifname';
    }
  | {
      readonly kind: 'numgen';
      readonly mode: 'random' | 'inc';
      readonly modulus: number;
      readonly offset: number;
    }
  /** `jhash` and `symhash`: which number comes out is taken to be a matter of chance. */
  | { readonly kind: 'hash'; readonly text: string; readonly modulus: number; readonly offset: number }
  /** As the kernel keeps all of `&`, `|` and `^` (net/netfilter/nft_bitwise.c): (left & mask) ^ xor. */
  | { readonly kind: 'bitwise'; readonly left: Expression; readonly mask: Value; readonly xor: Value }
  | { readonly kind: 'concat'; readonly parts: readonly Expression[] }
  | { readonly kind: 'map'; readonly key: Expression; readonly map: SetSource }
  | { readonly kind: 'constant'; readonly values: readonly Constant[]; readonly types: readonly DatatypeName[] };

type ComparisonOperator = '==' | '!=' | '<' | '>' | '<=' | '>=';

/** A condition: the rule ends here where it does not hold. */
export type Comparison = {
  readonly kind: 'comparison';
  readonly left: Expression;
  /**
   * `implicit` is what no sign stands for: equality, or for types of flags that one of them is set. `lacks` is the sign
   * `!`: none of them is set.
   */
  readonly operator: ComparisonOperator | 'implicit' | 'lacks';
  readonly right:
    | { readonly kind: 'constant'; readonly value: Constant }
    | SetSource
    /** `tcp flags syn / fin,syn,rst,ack`: these of those. */
    | { readonly kind: 'masked'; readonly value: number; readonly mask: number };
};

/** What a rule may set and the walk depends on. */
export type AssignTarget = 'meta mark' | 'ct mark' | 'ip ttl' | 'ip dscp' | 'ip6 hoplimit' | 'ip6 dscp';

/** masquerade takes the device's address, redirect this machine's own. */
export type NatKind = 'dnat' | 'snat' | 'masquerade' | 'redirect';

/** nft_nat.c, nft_masq.c, nft_redir.c. */
export type NatStatement = {
  readonly kind: 'nat';
  readonly nat: NatKind;
  /** As written: `dnat ip to` in tables of both families. */
  readonly family?: 'ip' | 'ip6';
  /** The address, or a map that gives an address or an address and a port. */
  readonly address?: Expression;
  readonly port?: Expression;
  /** `dnat ip prefix to`: network part from the map, host part from the packet. */
  readonly prefix?: boolean;
  readonly flags: readonly ('random' | 'fully-random' | 'persistent')[];
};

/** What a rule consists of, carried out from left to right. */
export type Statement =
  | Comparison
  | { readonly kind: 'vmap'; readonly key: Expression; readonly map: SetSource }
  | { readonly kind: 'verdict'; readonly verdict: Verdict }
  /** `with` in the words of nft; undefined: port unreachable of either family. */
  | { readonly kind: 'reject'; readonly with?: string }
  | NatStatement
  | { readonly kind: 'assign'; readonly target: AssignTarget; readonly value: Expression }
  | { readonly kind: 'counter'; readonly text: string }
  | { readonly kind: 'log'; readonly text: string; readonly prefix: string }
  | { readonly kind: 'notrack' }
  | {
      readonly kind: 'limit';
      readonly text: string;
      readonly over: boolean;
      readonly rate: number;
      readonly perSeconds: number;
      readonly burst: number;
      readonly bytes: boolean;
    }
  | {
      readonly kind: 'dynset';
      readonly operation: 'add' | 'update' | 'delete';
      readonly set: string;
      readonly key: Expression;
      /** Milliseconds. */
      readonly timeout?: number;
      readonly data?: Expression;
      /** Statements of the element (`limit rate 10/second`), as written. */
      readonly text?: string;
    }
  /** Nothing the walk depends on: `meta nftrace set 1`, `tcp option maxseg size set rt mtu`. */
  | { readonly kind: 'harmless'; readonly text: string }
  /** What the model does not know. `ends`: it may be the rule's verdict; else it may be one more condition. */
  | { readonly kind: 'unknown'; readonly text: string; readonly ends: boolean };
