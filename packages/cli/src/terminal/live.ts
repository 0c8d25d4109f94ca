/** Lines at the end of a terminal that are redrawn in place. */
export class LiveLines {
  readonly #stream: NodeJS.WriteStream;
  #drawn = 0;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  /** Puts these lines in place of those drawn before. None may be wider than the terminal. */
  draw(lines: readonly string[]): void {
    this.#stream.write(`${this.#erase()}${lines.join('\n')}`);
    this.#drawn = lines.length;
  }

  /** Takes the lines away, so that what stays can be printed. */
  clear(): void {
    this.#stream.write(this.#erase());
    this.#drawn = 0;
  }

  #erase(): string {
    if (this.#drawn === 0) return '';
    const up = this.#drawn > 1 ? `\x1b[${this.#drawn - 1}A` : '';
    return `${up}\r\x1b[0J`;
  }
}

/** How far something is, as in `████░░░░`. */
export function bar(share: number, cells = 16): string {
  const filled = Math.round(Math.min(1, Math.max(0, share)) * cells);
  return `${'█'.repeat(filled)}${'░'.repeat(cells - filled)}`;
}
