// Loaded before one of Node's own tests, and in the processes that it starts (NODE_OPTIONS): from here on both agents, and the global ones, are Holdline's,
// in the mode of HOLDLINE_MODE. What the test sees is `http.Agent` as it knows it: with and without `new`, to be
// extended, and with Node's default for `keepAlive`, which is the one option whose default Holdline's agents change.
'use strict';
const http = require('node:http');
const https = require('node:https');
const { syncBuiltinESMExports } = require('node:module');
const holdline = require('../../dist/index.js');

const mode = process.env.HOLDLINE_MODE ?? 'on';
/** Can be had by a test that runs with --expose-internals. */
const INTERNAL_TIMERS = 'internal/timers';

function asNodes(Base) {
  class Agent extends Base {
    constructor(options) {
      super({ keepAlive: false, mode, ...options });
    }
  }
  const callable = new Proxy(Agent, { apply: (_target, _self, args) => new callable(...args) });
  Object.defineProperty(Agent.prototype, 'constructor', { value: callable });
  return callable;
}

function swap(module, Base) {
  const { keepAlive, scheduling, timeout, proxyEnv } = module.globalAgent.options;
  module.Agent = asNodes(Base);
  module.globalAgent = new module.Agent({ keepAlive, scheduling, timeout, ...(proxyEnv && { proxyEnv }) });
}

swap(http, holdline.Agent);
swap(https, holdline.HttpsAgent);
require('node:_http_agent').Agent = http.Agent;
syncBuiltinESMExports();

// Some tests look at a private field of the client's socket (see exceptions.mjs).
const { Line } = require('../../dist/line/line.js');
const fields = {
  _handle: () => ({
    name: '_handle',
    get() {
      return this.socket?._handle;
    },
  }),
  kTimeout: () => ({
    name: require(INTERNAL_TIMERS).kTimeout,
    get() {
      return this.timeout === 0 ? null : { _idleTimeout: this.timeout };
    },
  }),
};
const shown = fields[process.env.HOLDLINE_SHOWN_FIELD]?.();
if (shown) Object.defineProperty(Line.prototype, shown.name, { configurable: true, get: shown.get });
