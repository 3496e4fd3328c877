/**
 * A string option as iptables-save writes it (libxtables xtables_save_string()): bare when it holds only letters, digits,
 * `_` and `-`; otherwise in double quotes, with `"`, `'` and `\` escaped.
 */
export function printSaveString(text: string): string {
  return /^[-\w]+$/.test(text) ? text : `"${text.replace(/["'\\]/g, '\\$&')}"`;
}

/** Any word of a rule, quoted only where reading it back would split or change it. */
export function printSaveWord(word: string): string {
  return /^[^\s"'\\]+$/.test(word) ? word : `"${word.replace(/["'\\]/g, '\\$&')}"`;
}
