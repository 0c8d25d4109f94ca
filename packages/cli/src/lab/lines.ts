// Lines of JSON: how the parts of the lab speak to each other, and how a run is written down.

/** Calls `take` for each line of a stream, and `end` after the last. */
export function readLines(
  stream: NodeJS.ReadableStream,
  take: (line: string) => void,
  end: () => void = () => {},
): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line !== '') take(line);
  });
  stream.on('end', end);
}

/**
 * Makes messages to lines, and writes all those of a turn of the loop at once: at some thousand requests a second a write
 * for each would cost more than the requests.
 */
export function lineWriter(write: (lines: string) => void): (message: object) => void {
  let lines = '';
  return (message) => {
    if (lines === '')
      setImmediate(() => {
        const all = lines;
        lines = '';
        write(all);
      });
    lines += `${JSON.stringify(message)}\n`;
  };
}

/** Parses lines of JSON. A half-written last line, as a killed process may leave, is dropped. */
export function parseLines<Item>(text: string): Item[] {
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  return whole
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Item);
}
