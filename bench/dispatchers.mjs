// The dispatchers of undici's arms, each left at its defaults.
import { connector, dispatcher } from 'holdline/undici';
import { duplexConnector } from './duplex.mjs';

// Whichever undici is loaded first provides the dispatcher of the built-in fetch. In the arm that is named after it this has
// to be Node's own, and looking at `Headers` loads that.
void globalThis.Headers;
const [nodes1, nodes2] = [1, 2].map((version) => globalThis[Symbol.for(`undici.globalDispatcher.${version}`)]);
const NodesAgent = (nodes2 ?? nodes1).constructor;
const { default: undici } = await import('undici');
const { Agent, Client, Dispatcher, RetryAgent } = undici;

const makers = {
  connector({ client }, { holdline, pool }) {
    const connect = connector(holdline);
    const Pooling = agentUnder(client);
    return { dispatcher: new Pooling({ ...pool, connect }), hangUps: () => connect.counts().hangUps };
  },
  duplex({ client }, { pool }) {
    const Pooling = agentUnder(client);
    return { dispatcher: new Pooling({ ...pool, connect: duplexConnector }) };
  },
  dispatcher(_, { holdline, pool }) {
    const held = dispatcher({ ...holdline, ...pool }, undici);
    return { dispatcher: held, hangUps: () => held.counts().hangUps };
  },
  retryAgent(_, { pool }) {
    let disconnects = 0;
    const agent = new Agent(pool).on('disconnect', () => disconnects++);
    return { dispatcher: new RetryAgent(agent), hangUps: () => disconnects };
  },
};

/** The `Agent` that a client has by itself. */
function agentUnder(client) {
  return client === 'fetch' ? NodesAgent : Agent;
}

/**
 * Makes the dispatcher of an arm.
 *
 * @param holdline - Holdline's settings.
 * @returns `{ dispatcher, hangUps }`; no dispatcher for the built-in fetch as it is.
 */
export function dispatcherOf(target, holdline = {}) {
  const pool = target.kind === 'paced' ? { factory: (origin, options) => new Lanes(origin, options) } : {};
  const make = makers[target.arm];
  if (make) return make(target, { holdline, pool });
  return { dispatcher: target.client === 'fetch' ? undefined : new Agent(pool) };
}

/** A dispatcher with one connection. */
export function singleConnection(origin) {
  return new Client(origin);
}

/** A pool with a connection for each lane: undici's own takes the first that is free, and few would ever rest. */
class Lanes extends Dispatcher {
  #clients = new Map();
  #make;

  constructor(origin, options) {
    super();
    this.#make = () => new Client(origin, options);
  }

  dispatch(request, handler) {
    let client = this.#clients.get(request.lane);
    if (!client) {
      client = this.#make();
      this.#clients.set(request.lane, client);
    }
    return client.dispatch(request, handler);
  }
}
