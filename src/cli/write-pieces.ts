/** Long results are printed in large pieces: neither a system call for each row nor one string for all of them. */
const PIECE = 1 << 16;

export function writePieces(pieces: Iterable<string>, write: (text: string) => void): void {
  let held: string[] = [];
  let length = 0;
  for (const piece of pieces) {
    held.push(piece);
    length += piece.length;
    if (length < PIECE) continue;
    write(held.join(''));
    held = [];
    length = 0;
  }
  if (held.length > 0) write(held.join(''));
}
