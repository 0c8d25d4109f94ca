/**
 * What one kernel sends to another. `ack` counts what the sender had received at that moment, a FIN as one; that is
 * what makes a send queue shrink.
 */
export type Segment =
  | { readonly kind: 'data'; readonly bytes: Buffer; readonly ack: number }
  | { readonly kind: 'fin' | 'ack'; readonly ack: number }
  | { readonly kind: 'rst' };

/** What a read finds: bytes, the peer's FIN, a RST, or nothing yet. */
export type Received = Buffer | 'end' | 'reset' | 'nothing';

/**
 * One kernel's half of a TCP connection, after Linux: no window, no loss, no retransmission, and segments that arrive
 * in order, but only when told.
 *
 * - Data that arrives where nobody can read it any more is answered by a RST.
 * - A socket that is closed with bytes unread sends a RST and no FIN.
 * - A RST empties the send queue. After a FIN it does not spoil the end: a read still says `end`.
 */
export class TcpEnd {
  /** What was sent and has not arrived. */
  readonly wire: Segment[] = [];
  #sent = 0;
  #acknowledged = 0;
  #received = 0;
  #unread: Buffer[] = [];
  #finSent = false;
  #finReceived = false;
  #wasReset = false;
  #closed = false;

  /** The peer will send no more. */
  get finReceived(): boolean {
    return this.#finReceived;
  }

  /** A RST has arrived. */
  get wasReset(): boolean {
    return this.#wasReset;
  }

  /** Its program has closed it. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Its program can still send. */
  get sends(): boolean {
    return !this.#finSent && !this.#wasReset && !this.#closed;
  }

  /** Bytes (a FIN counts as one) that the peer's kernel is not known to have received. */
  get unacknowledgedBytes(): number {
    return this.#wasReset ? 0 : this.#sent - this.#acknowledged;
  }

  /** Bytes that have arrived and that its program has not read. */
  get unreadBytes(): number {
    return this.#unread.reduce((sum, { length }) => sum + length, 0);
  }

  /** Sends bytes. Only where {@link sends}. */
  send(bytes: Buffer): void {
    this.#sent += bytes.length;
    this.wire.push({ kind: 'data', bytes, ack: this.#received });
  }

  /** Half-closes: sends a FIN and goes on receiving. */
  shutdown(): void {
    if (!this.sends) return;
    this.#finSent = true;
    this.#sent++;
    this.wire.push({ kind: 'fin', ack: this.#received });
  }

  /** Closes: a FIN if all that came was read, else a RST. */
  close(): void {
    if (this.#closed) return;
    if (this.#unread.length > 0) return this.reset();
    this.shutdown();
    this.#closed = true;
  }

  /** Closes by a RST, as after `SO_LINGER` 0. */
  reset(): void {
    if (!this.#closed && !this.#wasReset) this.wire.push({ kind: 'rst' });
    this.#closed = true;
    this.#unread = [];
  }

  /** What a read would find, with all bytes that have arrived as one. */
  peek(): Received {
    if (this.#unread.length > 0) return Buffer.concat(this.#unread);
    if (this.#finReceived) return 'end';
    return this.#wasReset ? 'reset' : 'nothing';
  }

  /** Reads up to `most` bytes, or what stands in their place. */
  read(most = Number.POSITIVE_INFINITY): Received {
    const found = this.peek();
    if (typeof found === 'string') return found;
    this.#unread = found.length > most ? [found.subarray(most)] : [];
    return found.length > most ? found.subarray(0, most) : found;
  }

  /** The kernel gets a segment from its peer. */
  arrive(segment: Segment): void {
    if (segment.kind === 'rst') {
      this.#wasReset = true;
      return;
    }
    this.#acknowledged = Math.max(this.#acknowledged, segment.ack);
    if (segment.kind === 'ack' || this.#wasReset) return;
    if (segment.kind === 'data' && this.#closed) {
      this.wire.push({ kind: 'rst' });
      return;
    }
    this.#received += segment.kind === 'data' ? segment.bytes.length : 1;
    if (segment.kind === 'data') this.#unread.push(segment.bytes);
    else this.#finReceived = true;
    this.wire.push({ kind: 'ack', ack: this.#received });
  }
}
