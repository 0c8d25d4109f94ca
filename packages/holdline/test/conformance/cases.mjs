// What every client is asked to do. A case names what B does (`way`), what is sent, and what else happens; `needs` says
// what a client must have a notion of. Cases over an idle connection, or one that served before, are primed.
import { Readable } from 'node:stream';
import { payload, pieces } from './payload.mjs';

const MEGABYTE = 1_000_000;
const STREAM_BYTES = (process.env.CONFORMANCE_FULL === '1' ? 100 : 8) * MEGABYTE;
const TIMEOUT_MS = 200;
const JSON_TYPE = { 'content-type': 'application/json' };

const get = (path, more = {}) => ({ method: 'GET', path, headers: {}, ...more });
const post = (path, size, { headers, ...more } = {}) => ({
  method: 'POST',
  path,
  headers: { ...JSON_TYPE, ...headers },
  body: () => payload(size),
  ...more,
});
const upload = (path, size, more = {}) => ({
  ...post(path, 0, { needs: 'upload', ...more }),
  body: () => Readable.from(pieces(size), { objectMode: false }),
});

/** A body that begins and does not go on. */
async function* begun() {
  yield payload(1000);
  await new Promise(() => {});
}
const unfinished = () => Readable.from(begun(), { objectMode: false });

const primed = (wanted) => ({ ...wanted, primed: true });
/** B closes an idle connection, and A's loop hears of it before the next request. */
const heard = (how) => primed(get('/plain', { closeIdle: how }));
/** B closes it while A's loop stands still, so that only a look shows it. */
const unheard = (how, wanted) => primed({ ...wanted, closeIdle: how, standsStill: true });

/** Ways in which B fails a request. */
const FAULTS = /^\/(fin|rst|cutByFin|cutByRst|tooLarge|silent|stallDown)\b/;

/** Whether a bare client may fail in a case; where it may not, one that does has not been asked what the case is for. */
export const mayFail = ({ path, closeIdle }) => closeIdle !== undefined || FAULTS.test(path);

export const cases = {
  'body: empty': get('/plain?size=0'),
  'body: 1 B': get('/plain?size=1', { needs: 'any body' }),
  'body: 1 MB': get(`/plain?size=${MEGABYTE}`),
  'body: streamed down': get(`/stream?size=${STREAM_BYTES}`, { streams: true }),
  'body: empty, up': post('/echo', 0),
  'body: 1 B, up': post('/echo', 1),
  'body: 1 MB, up': post('/echo', MEGABYTE),
  'body: streamed up': upload('/echo', STREAM_BYTES),
  chunked: get('/chunked'),
  trailers: get('/trailers', { streams: true }),
  '102 Processing': get('/processing'),
  '103 Early Hints': get('/earlyHints'),
  '100-continue': post('/goOn', 1000, { headers: { expect: '100-continue' }, needs: 'expect' }),
  HEAD: { method: 'HEAD', path: '/plain?size=1000', headers: {}, needs: 'head' },
  'status 204': get('/status?code=204'),
  'status 304': get('/status?code=304', { headers: { 'if-none-match': '"v1"' } }),
  'close-delimited': get('/untilClose'),
  // the body has not ended: how much of a longer one is written until the answer comes is a race in the bare clients, too
  'early 413': { ...upload('/tooLarge', 0), body: unfinished },
  gzip: get('/gzip?size=10000'),
  'redirect 302': get('/redirect?code=302'),
  // as text: the fetch of Node 20 cannot repeat bytes
  'redirect 307 of a POST': { ...post('/redirect?code=307', 0), body: () => payload(1000).toString() },
  upgrade: { method: 'GET', path: '/upgrade', headers: {}, needs: 'upgrade' },
  CONNECT: { method: 'CONNECT', path: 'localhost:80', headers: {}, needs: 'connect' },
  'slow body': get('/slow', { streams: true }),
  'reuse, GET': primed(get('/plain')),
  'reuse, POST': primed(post('/echo', 1000)),
  'abort: at once': get('/silent', { abortAt: 'once', needs: 'abort' }),
  'abort: waiting': get('/silent', { abortAt: 'head', needs: 'abort' }),
  'abort: waiting, reused': primed(get('/silent', { abortAt: 'head', needs: 'abort' })),
  'abort: in the request': {
    ...upload('/silent', 0, { abortAt: 'body', needs: 'abort' }),
    needs: 'abort, upload',
    body: unfinished,
  },
  'abort: in the response': get('/stallDown', { abortAt: 'answering', streams: true, needs: 'abort' }),
  'idle FIN': heard('fin'),
  'idle RST': heard('rst'),
  'idle 408': heard('408'),
  'idle FIN, unheard': unheard('fin', get('/plain')),
  'idle FIN, unheard, POST': unheard('fin', post('/echo', 1000)),
  'idle RST, unheard': unheard('rst', get('/plain')),
  'idle RST, unheard, POST': unheard('rst', post('/echo', 1000)),
  'idle 408, unheard': unheard('408', get('/plain')),
  'idle 408, unheard, POST': unheard('408', post('/echo', 1000)),
  'FIN in flight': primed(get('/fin')),
  'FIN in flight, POST': primed(post('/fin', 1000)),
  'RST in flight': primed(get('/rst')),
  'RST in flight, POST': primed(post('/rst', 1000)),
  'FIN, fresh': get('/fin?always=1'),
  'RST, fresh': get('/rst?always=1'),
  'FIN in the body': get('/cutByFin', { streams: true }),
  'RST in the body': get('/cutByRst', { streams: true }),
  'silent drop': get('/silent', { timeoutMs: TIMEOUT_MS, needs: 'timeout' }),
  'silent drop, reused': primed(get('/silent', { timeoutMs: TIMEOUT_MS, needs: 'timeout' })),
};
