/** All rules over one loaded input: findings in the order of the files, without what is suppressed. */
import { compareText } from '../cluster/policy/selector.ts';
import { labelOf } from '../cluster/selector.ts';
import { comparePositions, type PathSegment, type Source } from '../cluster/source.ts';
import { literal } from '../explain/language.ts';
import type { Position } from '../lib/result.ts';
import type { InputFile } from '../topology/input-file.ts';
import type { Loaded } from '../topology/load.ts';
import { lintContext, rawAt } from './context.ts';
import { annotationsOf, ObjectPlaces } from './object-places.ts';
import { type Finding, type Found, type LintedObject, type LintRule, nameOf } from './rule.ts';
import { RULES } from './rules/index.ts';
import { ANNOTATION, splitRules } from './suppressions.ts';

export type LintOptions = {
  /** Ids of rules that are not asked. */
  readonly disabled?: ReadonlySet<string>;
};

/** @param inputs the texts that were loaded: comments in them suppress findings */
export function lint(loaded: Loaded, inputs: readonly InputFile[], options: LintOptions = {}): readonly Finding[] {
  const context = lintContext(loaded, inputs);
  const places = new ObjectPlaces(loaded.cluster);
  const findings: Finding[] = [];
  for (const rule of RULES) {
    if (options.disabled?.has(rule.id) === true) continue;
    for (const one of rule.check(context)) {
      const { finding, object } = placed(rule, one, places);
      if (finding.at !== undefined && context.suppressions.covers(rule.id, finding.at)) continue;
      if (object !== undefined && isSuppressedBy(object, rule.id)) continue;
      findings.push(finding);
    }
  }
  return withoutRepeats(findings).sort(compareFindings);
}

type Placed = { readonly finding: Finding; readonly object: LintedObject | undefined };

function placed({ id, severity }: LintRule, found: Found, places: ObjectPlaces): Placed {
  const base = { rule: id, severity };
  switch (found.kind) {
    case 'line': {
      const { at, message, hint } = found;
      return { finding: { ...base, message, hint, at, object: undefined }, object: undefined };
    }
    case 'issue': {
      const { message, hint, at } = found.issue;
      const nearest = at === undefined ? undefined : places.at(at);
      const words = nearest === undefined ? undefined : wordsAbout(nearest, message);
      const object = words === undefined ? undefined : nearest;
      const finding = {
        ...{ ...base, at, object: object === undefined ? undefined : nameOf(object) },
        ...{ message: literal(words ?? message), hint: hint === undefined ? undefined : literal(hint) },
      };
      return { finding, object };
    }
    case 'object': {
      const { object, path, what, message, hint } = found;
      const at = object.source === undefined ? undefined : place(object.source, path, what);
      return { finding: { ...base, message, hint, at, object: nameOf(object) }, object };
    }
  }
}

/** The loader's message without the name of the object, where it is about this one and not about one that was passed over. */
function wordsAbout({ namespace, name }: LintedObject, message: string): string | undefined {
  for (const label of [` ${namespace}/${name}: `, ` ${name}: `]) {
    const place = message.indexOf(label);
    if (place > 0 && /^[A-Za-z]+$/.test(message.slice(0, place))) return message.slice(place + label.length);
  }
  return undefined;
}

/** A field that is not there has the place of the key that it would stand below. */
function place(source: Source, below: readonly PathSegment[], what: 'key' | 'value'): Position {
  let depth = below.length;
  while (depth > 0 && rawAt(source, below.slice(0, depth)) === undefined) depth--;
  const isThere = depth === below.length;
  return source.document.locate([...source.path, ...below.slice(0, depth)], isThere || depth === 0 ? what : 'key');
}

function isSuppressedBy({ source }: LintedObject, rule: string): boolean {
  const said = labelOf(annotationsOf(source), ANNOTATION);
  if (said === undefined) return false;
  const rules = splitRules(said);
  return rules.includes(rule) || rules.includes('all');
}

/** Pods of one workload stand at one place; two readers may see one mistake. */
function withoutRepeats(findings: readonly Finding[]): Finding[] {
  const seen = new Set<string>();
  return findings.filter(({ rule, at, object, message }) => {
    const values = JSON.stringify(message);
    const key = `${rule} ${at?.file}:${at?.line}:${at?.column} ${at === undefined ? object : ''} ${values}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

function compareFindings(a: Finding, b: Finding): number {
  return comparePositions(a.at, b.at) || compareText(a.rule, b.rule);
}
