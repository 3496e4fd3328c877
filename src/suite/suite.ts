/** A test suite as data. */
import type { Symptom } from '../explain/codes/entry.ts';
import type { ReasonCode } from '../explain/codes.ts';
import type { Verdict } from '../explain/verdict.ts';
import type { Position } from '../lib/result.ts';
import type { ProbeProtocol } from '../query/query.ts';

/** `blocked` is dropped or rejected. */
export type ExpectedVerdict = Verdict | 'blocked';

/** What is left out is not asked for. */
export type Expectation = {
  readonly verdict?: ExpectedVerdict;
  readonly code?: ReasonCode;
  readonly symptom?: Symptom;
  /** The Pods or addresses that get connections: exactly these. */
  readonly backends?: readonly string[];
  /** The client's address as every receiver sees it. */
  readonly sourceSeen?: string;
  /** Nodes, devices, chains or words of a rule that some step of every path names. */
  readonly via?: readonly string[];
  readonly notVia?: readonly string[];
  /** Verdict of the reply on every path. */
  readonly reply?: 'delivered' | 'dropped' | 'rejected';
  /** Of the reply, as the sender sees it. */
  readonly ttl?: number;
  readonly rulesExaminedAtMost?: number;
};

/** Ends as they are written: a name, a comma list, `*`, a label selector, each with a namespace in front of it. */
type EndPattern = string;

export type TestCase = {
  readonly name: string;
  readonly at: Position;
  readonly from: readonly EndPattern[];
  readonly to: readonly EndPattern[];
  /** Sources that are left out. */
  readonly except: readonly EndPattern[];
  readonly protocol: ProbeProtocol;
  readonly namespace?: string;
  readonly expect: Expectation;
  /** Files beside the suite that are added to the topology for this test. */
  readonly with: readonly string[];
  /** Why it is not run. */
  readonly skip?: string;
  /** Why it is known to fail: it passes as long as it fails. */
  readonly expectFailure?: string;
};

/** One topology to run the tests against. */
export type Variant = {
  readonly name: string;
  /** Files and folders beside the suite; empty: those of the command line. */
  readonly files: readonly string[];
  readonly at: Position;
};

export type Suite = {
  readonly file: string;
  readonly name: string;
  readonly namespace?: string;
  /** At least one. */
  readonly variants: readonly Variant[];
  readonly tests: readonly TestCase[];
  /** Names that it gives a value or asks for: `--var` means one of them. */
  readonly variables: readonly string[];
};
