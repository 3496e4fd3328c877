/** Sentences in both languages. Codes, JSON keys and the words of Linux and Kubernetes are never translated. */

export type Language = 'en' | 'zh';
export const LANGUAGES: readonly Language[] = ['en', 'zh'];

/** One sentence in every language, with `{placeholders}` that are the same in each. */
export type Text = Readonly<Record<Language, string>>;

export function text(en: string, zh: string): Text {
  return { en, zh };
}

/** A sentence and what stands in its placeholders: data until somebody prints it. */
export type Phrase = {
  readonly text: Text;
  readonly values: Readonly<Record<string, string | Phrase | readonly Phrase[]>>;
};

export function phrase(template: Text, values: Phrase['values'] = {}): Phrase {
  return { text: template, values };
}

/** The names between braces, sorted, each once. */
export function placeholdersOf(template: string): readonly string[] {
  return [...new Set([...template.matchAll(/\{([a-zA-Z]+)\}/g)].map((m) => m[1] ?? ''))].sort();
}

/** The sentence in one language. A placeholder without a value stays as it is, so that the mistake is seen. */
export function say(sentence: Phrase, language: Language): string {
  const said = substitute(sentence, language);
  // A full-width sign brings its own blank.
  return (language === 'zh' ? said.replace(/([（），。：；]) +/g, '$1') : said).trimEnd();
}

function substitute(sentence: Phrase, language: Language): string {
  return sentence.text[language].replace(/\{([a-zA-Z]+)\}/g, (whole, name: string) => {
    const value = Object.hasOwn(sentence.values, name) ? sentence.values[name] : undefined;
    if (value === undefined) return whole;
    if (typeof value === 'string') return value;
    if (isList(value)) return value.map((item) => say(item, language)).join(language === 'zh' ? '；' : '; ');
    return say(value, language);
  });
}

function isList(value: Phrase | readonly Phrase[]): value is readonly Phrase[] {
  return Array.isArray(value);
}

/** Several phrases in one place of a sentence: `a, b`. */
export function enumerate([first, ...rest]: readonly Phrase[]): Phrase {
  return rest.reduce((before, last) => phrase(COMMA, { first: before, last }), first ?? literal(''));
}

const COMMA = text('{first}, {last}', '{first}、{last}');

/** A name or number as a phrase: the same in every language. */
export function literal(word: string): Phrase {
  return phrase(text('{word}', '{word}'), { word });
}
