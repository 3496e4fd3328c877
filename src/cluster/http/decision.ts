/** What an HTTP proxy does with a request: a backend, chosen by weight, or an answer of its own. */
import type { IpAddr } from '../../net/address.ts';
import type { Source } from '../source.ts';

export type HttpRequest = {
  readonly scheme: 'http' | 'https';
  /** Lower case, without the port. */
  readonly host: string;
  /** Without the query. */
  readonly path: string;
  /** What stands behind `?`, decoded. */
  readonly query: ReadonlyMap<string, string>;
  readonly method: string;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  /** The client's address as the proxy sees it. */
  readonly client: IpAddr;
};

/** The Ingress or HTTPRoute that decided, and its field. */
export type DecidedBy = {
  readonly kind: 'Ingress' | 'HTTPRoute' | 'Gateway';
  readonly namespace: string;
  readonly name: string;
  readonly field: string;
  readonly source?: Source;
};

export type BackendChoice = {
  readonly namespace: string;
  readonly service: string;
  readonly port: number | string;
  /** Of all weights of the decision. */
  readonly weight: number;
  /** The proxy connects to the Service's cluster IP and leaves the choice of an endpoint to kube-proxy. */
  readonly throughService: boolean;
  /** false: a Service of another namespace without a ReferenceGrant; its share is answered with 500. */
  readonly permitted: boolean;
  readonly by: DecidedBy;
};

/** Why a proxy answers by itself. */
type OwnAnswer =
  | 'host-unmatched'
  | 'path-unmatched'
  | 'class-unhandled'
  | 'redirect'
  | 'source-denied'
  | 'no-backend'
  | 'not-permitted';

export type HttpDecision = {
  /** The rule in words: `host shop.example.com path /api (Prefix)`. */
  readonly rule: string;
  /** What the decision leaves out although it could matter. */
  readonly unmodelled: readonly string[];
} & (
  | { readonly kind: 'backends'; readonly choices: readonly BackendChoice[] }
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly why: OwnAnswer;
      readonly by: DecidedBy | undefined;
      /** Of a redirect. */
      readonly location?: string;
    }
  /** Something decides that is not modelled. */
  | { readonly kind: 'unknown'; readonly missing: string }
);
