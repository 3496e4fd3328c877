/** Times as nft writes them: `1m30s`, `3h`, `4s996ms`. All in milliseconds. */
const UNITS: readonly (readonly [string, number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
];

/** A bare number counts seconds. undefined for anything else than nft's form. */
export function parseDuration(text: string): number | undefined {
  if (/^\d{1,10}$/.test(text)) return Number(text) * 1000;
  const match = /^(?:(\d{1,8})d)?(?:(\d{1,8})h)?(?:(\d{1,8})m(?!s))?(?:(\d{1,10})s)?(?:(\d{1,12})ms)?$/.exec(text);
  if (match === null || text === '') return undefined;
  return UNITS.reduce((sum, [, factor], index) => sum + Number(match[index + 1] ?? 0) * factor, 0);
}

/** time_print() of libnftables, src/datatype.c */
export function printDuration(milliseconds: number): string {
  if (milliseconds === 0) return '0s';
  let rest = milliseconds;
  let text = '';
  for (const [unit, factor] of UNITS) {
    const count = Math.floor(rest / factor);
    rest -= count * factor;
    if (count > 0) text += `${count}${unit}`;
  }
  return text;
}
