/** The answer to `nettrace policy` as plain data: what its reports print. */
import type { WrittenKind } from '../../cluster/policy/written-kind.ts';
import type { Phrase } from '../../explain/language.ts';
import type { StageJudgement } from '../../policy/hosts/judge-hosts.ts';
import type { Passage } from '../../policy/hosts/passage.ts';
import type { Exemption } from '../../policy/judge.ts';
import type { Direction, RuleAction } from '../../policy/rule-set.ts';

export type PolicyVerdict = 'allow' | 'deny' | 'undetermined';

export type PlacedObject = WrittenKind & {
  readonly namespace: string | null;
  readonly name: string;
  readonly file: string | null;
  readonly line: number | null;
};

export type RuleView = {
  /** `ingress[0]` */
  readonly rule: string;
  readonly name: string | null;
  readonly action: RuleAction;
  /** It decided about the connection, or about a share where more than one was asked for. */
  readonly decided: boolean;
  readonly line: number | null;
  /** Why it does not fit: the first thing for each peer; null where it fits. */
  readonly misses: readonly Phrase[];
  /** It fits, and what it would decide was decided before. */
  readonly late: boolean;
};

export type PolicyView = PlacedObject & { readonly decision: Decision; readonly rules: readonly RuleView[] };

export type Decision = 'allow' | 'deny' | 'pass' | 'no-match' | 'mixed';

export type TierView = {
  readonly tier: string;
  readonly decision: Decision;
  /** No rule decided, but the end of the tier. */
  readonly byDefault: boolean;
  readonly policies: readonly PolicyView[];
  /** Of a host endpoint, where it is not the tiers for the machine's own traffic. */
  readonly stage?: Exclude<StageJudgement['stage'], 'normal'>;
};

export type DecidedBy = PlacedObject & { readonly rule: string | null };

/** Why no policy of a host endpoint was asked: a port that none can close, or Felix' word about Pods and their own node. */
export type HostExemption = 'failsafe' | 'endpoint-to-host';

export type DirectionView = {
  readonly direction: Direction;
  /** Whose policies these are. */
  readonly of: string;
  readonly verdict: PolicyVerdict;
  readonly exemption: Exemption | HostExemption | null;
  readonly tiers: readonly TierView[];
  readonly decidedBy: DecidedBy | null;
};

/** A host endpoint that the connection passes. */
export type HostView = DirectionView & {
  readonly node: string;
  /** null: that of a Pod on the node. */
  readonly device: string | null;
  readonly way: Passage['way'];
  /** null: Felix' configuration, and no endpoint. */
  readonly endpoint: string | null;
};

type EndView = { readonly name: string; readonly address: string };

export type PolicyNote = { readonly code: string; readonly message: Phrase };

export type PolicyAnswer = {
  readonly source: EndView;
  readonly destination: EndView;
  readonly protocol: string;
  readonly port: number | null;
  readonly verdict: PolicyVerdict;
  readonly egress: DirectionView | HostView;
  readonly ingress: DirectionView | HostView;
  /** Host endpoints between them, in the order in which they are passed. */
  readonly hosts: readonly HostView[];
  readonly notes: readonly PolicyNote[];
};
