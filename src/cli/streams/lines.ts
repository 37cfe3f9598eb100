// Splits a stream of bytes into lines. A line ends with a line feed, of which a preceding carriage
// return is a part. The last line may lack it. Cost: linear in the number of bytes, for any size of
// the pieces.

/** One line without its end. If it is too long, `cut` is true and there are no bytes. */
export interface Line {
  bytes: Uint8Array;
  cut: boolean;
}

const lineFeed = 0x0a;

/** The lines of a stream. The bytes of a line longer than `longest` are discarded. */
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
