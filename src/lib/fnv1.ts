/** FNV-1 with 32 bits over the UTF-8 bytes of the text (Go's hash/fnv New32). */
export function fnv1(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = (Math.imul(hash, 0x01000193) ^ byte) >>> 0;
  return hash;
}
