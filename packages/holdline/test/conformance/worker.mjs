// One client on one arm, through its cases, in a process of its own: `worker.mjs <client> <arm> <case…>`. Each case has a
// client, a port and a ledger of its own; what was seen is sent to the parent.
import { arms } from './arms.mjs';
import { B } from './b.mjs';
import { cases } from './cases.mjs';
import { clients } from './manifest.mjs';
import { errorOf, Log } from './observe.mjs';

const SILENT_AFTER_MS = process.env.CONFORMANCE_FULL === '1' ? 60_000 : 8_000;
/** A client takes its connection back some turns after the answer's end; a connection just in use is not looked at. */
const SETTLES_MS = 30;
/** After B has seen what is to be aborted: by then the client knows that it has written it. */
const ABORTS_AFTER_MS = 10;
/** In which what B did to an idle connection is heard of. */
const HEARD_MS = 30;

const [name, armName, ...caseNames] = process.argv.slice(2);
const { file, make, scheme = 'http', undici } = clients[name];
const adapters = await import(`./clients/${file}.mjs`);
const makeClient = undici ? adapters[make](await import(undici)) : adapters[make];
const arm = await arms[armName].make();
const b = new B();
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** An error that no request tells of would end a program: it belongs to what was seen. */
const astray = [];
for (const event of ['uncaughtException', 'unhandledRejection']) {
  process.on(event, (error) => astray.push(errorOf(error)));
}

for (const caseName of caseNames) {
  const seen = await run(cases[caseName]).catch((error) => ({ broken: error.stack }));
  process.send({ case: caseName, seen: JSON.parse(JSON.stringify(seen)) });
}
await b.end();
process.disconnect();
process.exit();

async function run(wanted) {
  const port = await b.ask('open', { scheme });
  const client = makeClient({ arm, scheme, origin: `${scheme}://127.0.0.1:${port}` });
  try {
    if (wanted.primed) await prime(client, port);
    const log = new Log('the second request');
    const controller = new AbortController();
    const { abortAt, closeIdle: how, standsStill } = wanted;
    if (abortAt) b.once(port, abortAt, () => setTimeout(() => controller.abort(), ABORTS_AFTER_MS));
    if (how) {
      const closed = b.closeIdle(port, how, standsStill);
      // otherwise the request begins in this very turn: the loop must not hear of it
      if (!standsStill) await closed.then(() => wait(HEARD_MS));
    }
    const sent = log.run(() => settled(client.send(wanted, log, controller.signal), log));
    if (abortAt === 'once') controller.abort();
    const outcome = await sent;
    await wait(SETTLES_MS);
    const ledger = await b.ask('ledger', { port });
    return { ...outcome, events: log.toJSON(), ledger, ...(astray.length > 0 && { astray: astray.splice(0) }) };
  } finally {
    await client.close();
    await b.ask('shut', { port });
  }
}

/** A first request, whose connection the next one gets. */
async function prime(client, port) {
  const log = new Log('the first request');
  const wanted = { method: 'GET', path: '/plain', headers: {} };
  const answered = new Promise((resolve) => b.once(port, 'answered', resolve));
  const { error, broken } = await log.run(() => settled(client.send(wanted, log, new AbortController().signal), log));
  if (error ?? broken) throw new Error(`the first request failed: ${JSON.stringify(error ?? broken)}`);
  await answered;
  await wait(SETTLES_MS);
}

/** How a request ends: never by rejecting. */
async function settled(sending, log) {
  let timer;
  const never = { broken: `neither answer nor error in ${SILENT_AFTER_MS} ms` };
  const silence = new Promise((resolve) => {
    timer = setTimeout(resolve, SILENT_AFTER_MS, never);
  });
  const end = sending.then(
    (answer) => {
      log.mark('ended', 'answer');
      return { answer };
    },
    (error) => {
      log.mark('ended', 'error');
      return { error: errorOf(error), ...(error?.seen && { answer: { ...error.seen, error: undefined } }) };
    },
  );
  const outcome = await Promise.race([end, silence]);
  clearTimeout(timer);
  return outcome;
}
