// What a server really did, from its packets as the kernel saw them: the judge of what the probe says.
import { readFileSync } from 'node:fs';

/** Segments that leave this soon after one another belong to one close, in ms. */
const BURST_MS = 60;

/** The segments of each connection that B sent, by A's port and B's: `port:serverPort`, as `sniff.py` wrote them down. */
export function readSegments(path) {
  const connections = new Map();
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    if (!line.endsWith('}')) continue;
    const segment = JSON.parse(line);
    const key = `${segment.ports[1]}:${segment.ports[0]}`;
    if (!connections.has(key)) connections.set(key, []);
    connections.get(key).push(segment);
  }
  return connections;
}

/** `{ idleMs, by }`: how long B had been idle when it closed, and by what; undefined if it did not close. */
export function closeOf(segments, tls) {
  const telling = withoutRepeats(segments).filter(
    ({ bytes, flags }) => bytes > 0 || flags.some((flag) => flag !== 'ACK' && flag !== 'PSH'),
  );
  const last = telling.findIndex(({ flags }) => flags.includes('FIN') || flags.includes('RST'));
  if (last < 1) return undefined;
  let first = last;
  while (first > 1 && telling[first].atMs - telling[first - 1].atMs < BURST_MS) first--;
  const burst = telling.slice(first, last + 1);
  const idleMs = telling[first].atMs - telling[first - 1].atMs;
  if (burst.some(({ bytes }) => bytes > 0)) return { idleMs, by: tls ? 'close-notify' : '408' };
  return { idleMs, by: telling[last].flags.includes('FIN') ? 'fin' : 'reset' };
}

/**
 * How long each connection had been idle in the NAT's eyes when it was reused, by the trace of the link that is the NAT: a
 * busy machine has it look later than the client has sent.
 */
export function natIdles(path) {
  const idles = new Map();
  const flows = new Map();
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    if (!line.endsWith('}')) continue;
    const { from, ports, bytes, seq, atMs } = JSON.parse(line);
    const key = from === 'A' ? `${ports[0]}:${ports[1]}` : `${ports[1]}:${ports[0]}`;
    const flow = flows.get(key) ?? { seqs: new Set() };
    // The second request; a repetition of it tells nothing new.
    if (from === 'A' && bytes > 0 && !flow.seqs.has(seq) && flow.seqs.add(seq).size === 2)
      idles.set(key, atMs - flow.atMs);
    flows.set(key, { ...flow, atMs });
  }
  return idles;
}

/** A segment that was sent again tells nothing new. */
function withoutRepeats(segments) {
  const seen = new Set();
  return segments.filter(({ seq, bytes, flags }) => {
    const key = `${seq}/${bytes}/${flags.join()}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
