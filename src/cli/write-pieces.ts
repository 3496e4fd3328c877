/** Long results are printed in large pieces: neither a system call for each row nor one string for all of them. */
const PIECE = 1 << 16;

/** So often somebody may say that it is enough, or see how far it is. */
const TURN = 250;

/** @param turn called between pieces, many times a second: where the work can be left to others for a moment */
export async function writePieces(
  pieces: Iterable<string>,
  write: (text: string) => void,
  turn?: () => Promise<void>,
): Promise<void> {
  let held: string[] = [];
  let length = 0;
  let made = 0;
  for (const piece of pieces) {
    held.push(piece);
    length += piece.length;
    made++;
    if (made % TURN === 0) await turn?.();
    if (length < PIECE) continue;
    write(held.join(''));
    held = [];
    length = 0;
  }
  if (held.length > 0) write(held.join(''));
}
