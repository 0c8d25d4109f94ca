import { Agent, request as httpRequest } from 'node:http';
import { monotonicMs, sleep } from '../clock.js';
import type { Call, Replay } from './history.js';
import type { FromClient, Measurement, Target, ToClient } from './protocol.js';
import { type Sender, senderFactory, watchReplays } from './sender.js';
import type { Caller, Step } from './workload.js';

// A, in a process of its own for each arm.

const PROGRESS_EVERY_MS = 200;

function tell(message: FromClient): void {
  process.send?.(message);
}

/** Sends one request on each of some connections and waits until B closes them. */
async function measure(target: Target, connections: number, giveUpAfterMs: number): Promise<Measurement> {
  // An agent for each, or the next would take the connection of the one before it.
  const agents = Array.from({ length: connections }, () => new Agent({ keepAlive: true }));
  const seen = await Promise.all(
    agents.map(async (agent, index) => {
      await sleep(index * 30);
      return idleLimitOf(agent, target, giveUpAfterMs);
    }),
  );
  const measured = seen.map(({ measuredMs }) => measuredMs).sort((one, other) => one - other);
  return { ...seen[0], measuredMs: measured[Math.floor(measured.length / 2)] ?? Number.NaN };
}

function idleLimitOf(agent: Agent, target: Target, giveUpAfterMs: number): Promise<Measurement> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ ...target, agent, headers: { 'X-Request-Id': 'measure' } }, (response) => {
      const { socket } = request; // the response gives its own up once the pool has it
      const advertised = /timeout=(\d+)/.exec(String(response.headers['keep-alive']))?.[1];
      response.resume().once('end', () => {
        const idleSinceMs = monotonicMs();
        const giveUp = setTimeout(
          () => reject(new Error(`B kept an idle connection for ${giveUpAfterMs} ms, expected it to close before`)),
          giveUpAfterMs,
        );
        // Not `end`: the pool puts a guard of its own on idle sockets, but `close` always comes.
        socket?.once('close', () => {
          clearTimeout(giveUp);
          const measuredMs = monotonicMs() - idleSinceMs;
          resolve({ measuredMs, ...(advertised !== undefined && { advertisedMs: Number(advertised) * 1_000 }) });
        });
      });
    });
    request.on('error', reject).end();
  });
}

/** Runs all callers of an arm; `finish` ends it early, and what has neither answer nor error by then is silent. */
class Run {
  readonly #calls: Call[] = [];
  readonly #replays: Replay[] = [];
  readonly #open = new Map<string, { step: Step; startedMs: number }>();
  readonly #senders: Sender[] = [];
  #sent = 0;
  #hungUp = 0;
  #over = false;

  async start(message: Extract<ToClient, { type: 'run' }>): Promise<void> {
    const makeSender = await senderFactory(message.arm.sending, message.half === 'foreign', message.target);
    const unwatch = watchReplays((replay) => this.#replays.push(replay));
    const report = setInterval(() => this.#tellProgress(), PROGRESS_EVERY_MS);
    await Promise.all(message.workload.map((caller) => this.#runCaller(caller, makeSender())));
    clearInterval(report);
    unwatch();
    this.finish();
  }

  finish(): void {
    if (this.#over) return;
    this.#over = true;
    for (const sender of this.#senders) sender.close();
    const endedMs = monotonicMs();
    const silent = [...this.#open.values()].map(
      ({ step: { id, kind }, startedMs }): Call => ({ id, kind, startedMs, endedMs, outcome: 'silent', retries: 0 }),
    );
    this.#tellProgress();
    tell({ type: 'done', history: { calls: [...this.#calls, ...silent], replays: this.#replays } });
  }

  async #runCaller(caller: Caller, sender: Sender): Promise<void> {
    this.#senders.push(sender);
    await sleep(caller.startMs);
    for (const step of caller.steps) {
      if (step.gapMs > 0) await sleep(step.gapMs);
      if (this.#over) return;
      this.#open.set(step.id, { step, startedMs: monotonicMs() });
      this.#sent++;
      const call = await sender.send(step);
      if (this.#over) return;
      this.#open.delete(step.id);
      this.#calls.push(call);
      if (call.outcome === 'hung-up') this.#hungUp++;
    }
  }

  #tellProgress(): void {
    tell({ type: 'progress', progress: { sent: this.#sent, hungUp: this.#hungUp } });
  }
}

const run = new Run();

async function obey(message: ToClient): Promise<void> {
  switch (message.type) {
    case 'measure':
      tell({
        type: 'measured',
        measurement: await measure(message.target, message.connections, message.giveUpAfterMs),
      });
      break;
    case 'run':
      await run.start(message);
      break;
    case 'finish':
      run.finish();
      break;
  }
}

process.on('message', (message: ToClient) => {
  obey(message).catch((error: unknown) =>
    tell({ type: 'failed', message: error instanceof Error ? error.message : String(error) }),
  );
});
process.on('disconnect', () => process.exit());
process.on('SIGINT', () => {}); // Ctrl-C ends the demo, and the demo ends its processes
tell({ type: 'ready' });
