/** Bob Jenkins' lookup3 over 32-bit words: include/linux/jhash.h jhash2(). */

const GOLDEN = 0xdeadbeef;

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

/** An unsigned 32-bit hash of the words. */
export function jhash2(words: readonly number[], initial: number): number {
  let a = (GOLDEN + (words.length << 2) + initial) | 0;
  let b = a;
  let c = a;
  let i = 0;
  while (words.length - i > 3) {
    a = (a + (words[i] ?? 0)) | 0;
    b = (b + (words[i + 1] ?? 0)) | 0;
    c = (c + (words[i + 2] ?? 0)) | 0;
    a = ((a - c) ^ rotate(c, 4)) | 0;
    c = (c + b) | 0;
    b = ((b - a) ^ rotate(a, 6)) | 0;
    a = (a + c) | 0;
    c = ((c - b) ^ rotate(b, 8)) | 0;
    b = (b + a) | 0;
    a = ((a - c) ^ rotate(c, 16)) | 0;
    c = (c + b) | 0;
    b = ((b - a) ^ rotate(a, 19)) | 0;
    a = (a + c) | 0;
    c = ((c - b) ^ rotate(b, 4)) | 0;
    b = (b + a) | 0;
    i += 3;
  }
  const rest = words.length - i;
  if (rest === 0) return c >>> 0;
  if (rest >= 3) c = (c + (words[i + 2] ?? 0)) | 0;
  if (rest >= 2) b = (b + (words[i + 1] ?? 0)) | 0;
  a = (a + (words[i] ?? 0)) | 0;
  c = ((c ^ b) - rotate(b, 14)) | 0;
  a = ((a ^ c) - rotate(c, 11)) | 0;
  b = ((b ^ a) - rotate(a, 25)) | 0;
  c = ((c ^ b) - rotate(b, 16)) | 0;
  a = ((a ^ c) - rotate(c, 4)) | 0;
  b = ((b ^ a) - rotate(a, 14)) | 0;
  c = ((c ^ b) - rotate(b, 24)) | 0;
  return c >>> 0;
}
