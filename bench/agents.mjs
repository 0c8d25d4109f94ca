// The agents of the arms. Each is left at its defaults, but for three: idle connections are kept; as many as there are
// callers, where Node's agent and agentkeepalive would close those beyond 256; and agentkeepalive keeps them also for more
// than 4 s, for so long may an arm wait for its turn.
import http from 'node:http';
import https from 'node:https';
import AgentKeepalive, { HttpsAgent as HttpsAgentKeepalive } from 'agentkeepalive';
import { Agent, HttpsAgent } from 'holdline';
import { DuplexAgent, DuplexHttpsAgent } from './duplex.mjs';

const KEEPING = { keepAlive: true, maxFreeSockets: 4_096, freeSocketTimeout: 60_000 };

const node = { http: http.Agent, https: https.Agent };
const holdline = { http: Agent, https: HttpsAgent };

const agents = {
  node,
  again: node,
  duplex: { http: DuplexAgent, https: DuplexHttpsAgent },
  keepalive: { http: AgentKeepalive, https: HttpsAgentKeepalive },
  on: holdline,
  cutoff: holdline,
  observe: holdline,
  off: holdline,
};

/** Makes the agent of an arm; `options` are those that Node's agents take, and Holdline's. */
export function agentOf({ arm, transport }, options = {}) {
  const kind = agents[arm];
  return new kind[transport]({ ...KEEPING, ...(kind === holdline && { mode: arm }), ...options });
}
