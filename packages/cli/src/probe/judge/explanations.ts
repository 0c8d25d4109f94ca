import type { FailureCode } from '../failure.js';

/** What can be found besides the reasons why nothing could be measured. */
const FINDINGS = {
  'as-advertised': `The server closes when its Keep-Alive header says. A client that goes by the header needs a margin all the same: its
request needs half a round trip to get there, and it saw the response half a round trip late. Apache HttpClient has none.`,
  'longer-than-advertised': `The server advertises less than it does. That is the safe way round: Node adds a second to keepAliveTimeout
(keepAliveTimeoutBuffer, since Node 20) so that a client that goes by the header lets go first. Go by the header: what it
promises will still hold after the next upgrade.`,
  'shorter-than-advertised': `The server closes before the time that it promises in Keep-Alive. A client that believes it reuses a connection that is
being closed. Often a proxy in front closes earlier than the application that wrote the header. Make the one that is
nearer to the client wait longer, or have it write the header.`,
  'not-advertised': `The response has no Keep-Alive: timeout, so a client can only be told. Most clients do not look at it anyway: Node's Agent
does if it has a timeout, undici and Apache HttpClient do, Go, Java and Python do not. Set the client by the measured limit.`,
  'advertises-zero': `Keep-Alive: timeout=0 tells clients that the connection is not kept, though it is: undici, .NET and Node's global agent open a
new one for each request. Node writes whole seconds, so a keepAliveTimeout below one second comes out as 0.`,
  'closes-by-fin': `The server ends the connection by a plain FIN, as nearly all do. A request that is on its way then is answered by a RST: in
Node "socket hang up" or "read ECONNRESET". Whether the server got it cannot be told from the error.`,
  'closes-by-reset': `The server, or what lies before it, ends the idle connection by a RST. A client notices it as it notices a FIN; what was on
the way is lost in the same way.`,
  'closes-by-408': `The server answers a request that nobody sent: 408 Request Timeout, and then closes. A client that has just written its
request may take the 408 as the answer to it. RFC 9110 allows it to repeat the request on a new connection; Chrome, OkHttp,
Go and Holdline do, many others report the 408.`,
  'closes-by-close-notify': `The server says goodbye in TLS (close_notify) and then closes. To the client it is the same as a FIN.`,
  'closes-by-goaway': `The server ends the HTTP/2 connection by GOAWAY, which says which requests it has taken: the others may be sent again, a
POST too. HTTP/1.1 has no such thing.`,
  'closes-by-loss': `The operating system gave the connection up (ETIMEDOUT, EHOSTUNREACH, …): the path was cut while it was idle.`,
  'limit-beyond': `No connection was closed within the time that the probe waited, and a request after it was still answered. That is an
answer: a client that lets go earlier is safe. --max-wait 400s waits longer.`,
  'silent-drop': `After some idle time requests were no longer answered, though no FIN came: a NAT, a firewall or a load balancer on the way has
forgotten the connection and drops its packets (AWS NAT and NLB: 350 s, Azure: 240 s). The client learns nothing; its request
waits until its own timeout. Let go before, or send TCP keep-alive probes more often than that. --refine 1 finds the time more
exactly, and takes as long again.`,
  'reset-on-reuse': `After some idle time requests were answered by a RST, though no FIN had come: what lies between has forgotten the connection,
and says so only when it is used. Let go before, or send TCP keep-alive probes more often than that.`,
  'servers-differ': `Connections ended after clearly different idle times: behind this name are servers with different limits, or a proxy in front
of some. A pool cannot tell them apart, so the lowest limit counts.`,
  'rough-timer': `The idle times at which connections were closed lie apart: the server looks at its connections now and then (gunicorn each
second, Apache's event MPM too), and does not time each. The lowest counts.`,
  'closed-together': `The connections ended at the same moment, not after the same idle time: the server was restarted or reloaded, or it sweeps its
connections now and then. If it was a restart, this is not its limit: probe again.`,
  'closed-early': `Some connections were closed clearly before the others: evicted because there were too many, closed by a restart of one of
several servers, or cut on the way. No client timeout helps against it: only sending again what can do no harm does.`,
  'connections-failed': `The first connection was answered, and some of those that followed were not: the server, or what stands before it, allows
only so many from one client, or so many requests in a time. Lower --connections.`,
  'connections-lost': `Some connections were dead when they were used, though no FIN had come and others lived: they were lost on the way. No client
timeout helps against it: only sending again what can do no harm does.`,
  'first-request-timer': `A connection that has never carried a request is closed by a timer of its own (Node: headersTimeout, nginx:
client_header_timeout, HAProxy: timeout http-request, which answers 408). It matters for what opens connections ahead of need, as
AWS ALB does.`,
  'no-keep-alive': `The server closes after each response (Connection: close, or HTTP/1.0), so no connection is ever reused, and none can hang up
for having been idle. Each request pays for a new handshake.`,
  'closes-unannounced': `The server closes at once after each response, and does not say so (Connection: close). A client that reuses connections
hangs up whenever it is quick. The server should send Connection: close.`,
  'request-limit': `A connection carries only so many requests. Where the last response says Connection: close this is safe; where the server just
closes, the next request may meet that.`,
  http2: `The server speaks HTTP/2 where a client offers it. There GOAWAY says which requests were not taken, so fewer hang up; its idle limit
may be another than that of HTTP/1.1.`,
  'head-refused': `The server does not answer HEAD, closes after it, or sends a body after it, as RFC 9110 §9.3.2 forbids; GET was sent
instead. A client that reuses a connection after such a HEAD takes the body for the next response.`,
  status: `The server refuses or redirects the request. Its connections are kept all the same, so the limit is that of whoever answers:
often a proxy in front. State --path, --header or --method for another answer.`,
  suspended: `The machine slept, or the process was stopped, while connections were held. What they showed is worth nothing, so it was
measured anew.`,
  'probe-was-busy': `The probe's own event loop ran late, so times are only known that exactly. Probe from a machine that does less, or with fewer
URLs at a time.`,
  interrupted: `The probe was ended before it was through. What was known by then is told; a connection that was still open says how long it had
lived.`,
  'expect-mismatch': `The idle limit is not what --expect says, by more than what blurs the measurement (2 %, at least 100 ms).`,
  'expect-met': `The idle limit is what --expect says.`,
  'waited-too-short': `What was asked about lies beyond the time that the probe waited. --max-wait waits longer.`,
  'client-too-long': `The client keeps idle connections longer (--client-idle) than the server does. A request after a pause that ends in the danger
window meets the close.`,
  'client-in-time': `The client lets go of idle connections (--client-idle) before the server closes them.`,
} as const;

const FAILURES: Readonly<Record<FailureCode, string>> = {
  'no-such-host': `DNS does not know the name. --resolve host:port:address states an address.`,
  refused: `Nothing listens at this address and port, or a firewall says so.`,
  unreachable: `There is no way to the address from here.`,
  'connect-timeout': `No answer to the attempt to connect: a firewall that drops packets, or a host that is down.`,
  'too-many-files': `This process may not open more sockets. Raise \`ulimit -n\`, lower --connections, or probe fewer URLs at a time.`,
  'proxy-refused': `The proxy does not open a tunnel (CONNECT) to this server. User and password go into its URL.`,
  'tls-expired': `The certificate has expired. --insecure measures all the same.`,
  'tls-wrong-name': `The certificate is for other names. --sni states the name to ask for and to check; --insecure does not check.`,
  'tls-untrusted': `The certificate is signed by no authority that is known here. --ca FILE states one; --insecure does not check.`,
  'tls-failed': `The TLS handshake failed, so no request could be sent.`,
  'not-http': `What came back is not HTTP/1.1.`,
  'closed-at-once': `The server closed the connection before it answered.`,
  'no-answer': `The server took the request and did not answer in time. --answer-timeout waits longer.`,
  'body-too-large': `A connection is idle only when the response was read to its end, and this one is too large. Choose another --path.`,
};

/** The name of a finding. */
export type FindingId = keyof typeof FINDINGS | FailureCode;

/** What each finding means and what to do about it, in text with line breaks to be joined. */
export const explanations: Readonly<Record<FindingId, string>> = { ...FINDINGS, ...FAILURES };

/** Looks an explanation up by what a user typed. */
export function explain(id: string): string | undefined {
  return Object.hasOwn(explanations, id) ? explanations[id as FindingId].replaceAll('\n', ' ') : undefined;
}
