/** An unsigned decimal, hexadecimal or octal number of at most 32 bits, as strtoul() with base 0 reads it. */
export function parseNumber(text: string, max = 0xffffffff): number | undefined {
  if (!/^(0[xX][0-9a-fA-F]{1,8}|0[0-7]{0,11}|[1-9]\d{0,9})$/.test(text)) return undefined;
  const value = /^0[0-7]/.test(text) ? Number.parseInt(text, 8) : Number(text);
  return value <= max ? value : undefined;
}
