/** The answer to `nettrace policy` as plain data: what its reports print. */
import type { Phrase } from '../../explain/language.ts';
import type { Exemption } from '../../policy/judge.ts';
import type { Direction, RuleAction } from '../../policy/rule-set.ts';

export type PolicyVerdict = 'allow' | 'deny' | 'undetermined';

export type PlacedObject = {
  readonly kind: string;
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
};

export type DecidedBy = PlacedObject & { readonly rule: string | null };

export type DirectionView = {
  readonly direction: Direction;
  /** Whose policies these are. */
  readonly of: string;
  readonly verdict: PolicyVerdict;
  readonly exemption: Exemption | null;
  readonly tiers: readonly TierView[];
  readonly decidedBy: DecidedBy | null;
};

type EndView = { readonly name: string; readonly address: string };

export type PolicyNote = { readonly code: string; readonly message: Phrase };

export type PolicyAnswer = {
  readonly source: EndView;
  readonly destination: EndView;
  readonly protocol: string;
  readonly port: number | null;
  readonly verdict: PolicyVerdict;
  readonly egress: DirectionView;
  readonly ingress: DirectionView;
  readonly notes: readonly PolicyNote[];
};
