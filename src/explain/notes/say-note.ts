/** Assumptions in the language of the reader. */
import { memoize } from '../../lib/lazy.ts';
import { type Language, type Phrase, phrase, say, type Text } from '../language.ts';
import { NOTE_WORDS } from './note-words.ts';
import { PARTS } from './part-words.ts';

/** The sentence as it was written, or its translation; one that no template knows stays as it is. */
export function sayNote(code: string, message: string, language: Language): string {
  if (language === 'en') return message;
  const known = Object.hasOwn(NOTE_WORDS, code) ? (NOTE_WORDS[code] ?? []) : [];
  return translated(message, known, language) ?? message;
}

/** A half of a sentence, such as what a verdict presumes. */
export function sayPart(words: string, language: Language): string {
  return language === 'en' ? words : (translated(words, PARTS, language) ?? words);
}

/** The same where a sentence has a place for it. */
export function partPhrase(words: string): Phrase {
  return phrase(PART, { en: words, zh: sayPart(words, 'zh') });
}

const PART: Text = { en: '{en}', zh: '{zh}' };

/** Whether there are words in every language for it. */
export function knowsNote(code: string, message: string): boolean {
  return Object.hasOwn(NOTE_WORDS, code) && translated(message, NOTE_WORDS[code] ?? [], 'zh') !== undefined;
}

function translated(message: string, templates: readonly Text[], language: Language): string | undefined {
  for (const template of templates) {
    const found = patternOf(template).exec(message);
    if (found === null) continue;
    const values = Object.entries(found.groups ?? {}).map(([name, value]) => [name, sayPart(value, language)] as const);
    return say(phrase(template, Object.fromEntries(values)), language);
  }
  return undefined;
}

/** The English sentence as a pattern; what stands for a placeholder ends where the words behind it begin. */
const patternOf = memoize((template: Text): RegExp => {
  const source = template.en
    .split(/(\{[a-zA-Z]+\})/)
    .map((part) => (/^\{[a-zA-Z]+\}$/.test(part) ? `(?<${part.slice(1, -1)}>.+?)` : part.replace(/[^\w\s]/g, '\\$&')))
    .join('');
  return new RegExp(`^${source}$`, 's');
});
