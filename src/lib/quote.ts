/** Longest piece of outside text that a message repeats. */
const LONGEST = 120;

/** Control characters, and the invisible and direction-changing ones that could forge what a terminal shows. */
const UNSAFE = /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/** Text from outside, in double quotes, with every control or invisible character escaped and cut to a readable length. */
export function quote(text: string): string {
  const short = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
  return JSON.stringify(short).replace(UNSAFE, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** The text itself where it is plain ASCII without spaces, else quoted: for names inside sentences and paths. */
export function plain(text: string): string {
  return text.length <= LONGEST && /^[!#-~]+$/.test(text) ? text : quote(text);
}

/** What a value is, in words for a message: `"abc"`, `12`, `the boolean true`, `a list`, `a mapping`, `nothing`. */
export function describeValue(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (typeof value === 'string') return quote(value);
  if (typeof value === 'boolean') return `the boolean ${value}`;
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  return Array.isArray(value) ? 'a list' : 'a mapping';
}
