// Lines of a stream of bytes. They end with a line feed, a carriage return before it belongs to the
// end too; the last one may lack it. Cost: linear in the bytes, however they come in pieces.

/** One line without its end; `cut` if it was longer than allowed, and then without bytes. */
export interface Line {
  bytes: Uint8Array;
  cut: boolean;
}

const lineFeed = 0x0a;

/** The lines of a stream; of one longer than `longest` bytes nothing is kept. */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>, longest: number): AsyncGenerator<Line> {
  let pieces: Uint8Array[] = [];
  let length = 0;
  const keep = (piece: Uint8Array): void => {
    length += piece.length;
    if (length > longest) pieces = [];
    else if (piece.length > 0) pieces.push(piece);
  };
  const take = (): Line => {
    const line = { bytes: pieces.length === 1 ? pieces[0] : Buffer.concat(pieces), cut: length > longest };
    pieces = [];
    length = 0;
    return line;
  };
  for await (const chunk of chunks) {
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(lineFeed, start);
      if (end < 0) break;
      keep(chunk.subarray(start, end));
      yield take();
      start = end + 1;
    }
    keep(chunk.subarray(start));
  }
  if (length > 0) yield take();
}
