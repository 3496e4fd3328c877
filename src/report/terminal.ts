/** Text that is safe on a terminal, and colour, which is never the only signal. */
import pc from 'picocolors';

/** Control characters, and the invisible ones that change direction or width: they could forge what a terminal shows. */
export const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/** The text with every unsafe character written as \xNN or \uNNNN. */
export function escapeForTerminal(text: string): string {
  return text.replace(UNSAFE, (c) => {
    const hex = c.charCodeAt(0).toString(16);
    return hex.length <= 2 ? `\\x${hex.padStart(2, '0')}` : `\\u${hex.padStart(4, '0')}`;
  });
}

export type Style = 'good' | 'bad' | 'doubt' | 'heading' | 'faint' | 'plain';

/** Every piece of output goes through a painter: it escapes first and colours afterwards. */
export type Painter = (text: string, style?: Style) => string;

export function createPainter(colour: boolean): Painter {
  const colours = pc.createColors(colour);
  const paint: Readonly<Record<Style, (text: string) => string>> = {
    good: colours.green,
    bad: colours.red,
    doubt: colours.yellow,
    heading: colours.bold,
    faint: colours.dim,
    plain: (text) => text,
  };
  return (text, style = 'plain') => paint[style](escapeForTerminal(text));
}

/** Columns that a text takes: CJK and other wide characters take two (Unicode TR11, the wide and full-width ranges). */
export function widthOf(text: string): number {
  let width = 0;
  for (const character of text) width += isWide(character.codePointAt(0) ?? 0) ? 2 : 1;
  return width;
}

function isWide(code: number): boolean {
  return (
    (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2e80 && code <= 0xa4cf) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0xffe0 && code <= 0xffe6) ||
    (code >= 0x1f300 && code <= 0x1faff) ||
    (code >= 0x20000 && code <= 0x3fffd)
  );
}

/** The text filled up with spaces to a number of columns. */
export function pad(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - widthOf(text)));
}
