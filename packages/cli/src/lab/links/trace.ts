/** A TCP segment as it entered the link. Times are of the machine's monotonic clock, in ms. */
export interface Packet {
  readonly atMs: number;
  readonly from: 'A' | 'B';
  /** A's port of the connection. */
  readonly aPort: number;
  /** B's port of the connection. */
  readonly bPort: number;
  readonly bytes: number;
  readonly syn: boolean;
  readonly fin: boolean;
  readonly reset: boolean;
  /** Where its bytes stand in what its sender sends, modulo 2^32. */
  readonly seq: number;
  /** How much of the other side's bytes had reached its sender, modulo 2^32; absent where it does not say. */
  readonly ack?: number;
  /** The link lost it on purpose. */
  readonly dropped?: boolean;
}

/** A request and B's close that were in the link at the same time. */
export interface Crossing {
  readonly request: Packet;
  readonly close: Packet;
  /** B's last bytes before the request: when they arrived, the connection became idle. */
  readonly lastAnswer?: Packet;
  /** B's RST in answer to the request. */
  readonly refusal?: Packet;
}

/**
 * Finds the crossings among the packets of a link: B's close had not got the request, and the request had not got B's
 * close. That is read from what each acknowledges and not from times, so that a busy machine does not blur it.
 *
 * @param packets - In the order of their times.
 */
export function findCrossings(packets: readonly Packet[]): Crossing[] {
  return connectionsOf(packets).flatMap((connection) => {
    const crossing = crossingOf(connection);
    return crossing ? [crossing] : [];
  });
}

/** A pair of ports may serve several connections; each begins with A's SYN. */
function connectionsOf(packets: readonly Packet[]): Packet[][] {
  const current = new Map<string, Packet[]>();
  const all: Packet[][] = [];
  for (const packet of packets) {
    const key = `${packet.aPort} ${packet.bPort}`;
    let connection = current.get(key);
    if (!connection || (packet.syn && packet.from === 'A')) {
      connection = [];
      current.set(key, connection);
      all.push(connection);
    }
    connection.push(packet);
  }
  return all;
}

function crossingOf(connection: readonly Packet[]): Crossing | undefined {
  // A RST that acknowledges nothing only refuses a segment; it is not how a connection is closed.
  const close = connection.find(({ from, fin, reset, ack }) => from === 'B' && (fin || (reset && ack !== undefined)));
  if (close?.ack === undefined) return undefined;
  const received = close.ack;
  const end = close.seq + close.bytes;
  const request = connection.find(
    ({ from, bytes, seq, ack }) =>
      from === 'A' && bytes > 0 && !isBefore(seq, received) && ack !== undefined && !isBefore(end, ack),
  );
  if (!request) return undefined;
  const lastAnswer = connection.findLast(({ from, bytes, atMs }) => from === 'B' && bytes > 0 && atMs < request.atMs);
  const refusal = connection.find(
    (packet) => packet.from === 'B' && packet.reset && packet !== close && packet.atMs > request.atMs,
  );
  return { request, close, ...(lastAnswer && { lastAnswer }), ...(refusal && { refusal }) };
}

/** Sequence numbers wrap. */
function isBefore(one: number, other: number): boolean {
  return ((one - other) | 0) < 0;
}
