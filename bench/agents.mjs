// The agents of the arms. Each is left at its defaults, but for two: idle connections are kept, and as many as there are
// callers; Node's agent and agentkeepalive would close those beyond 256.
import http from 'node:http';
import https from 'node:https';
import AgentKeepalive, { HttpsAgent as HttpsAgentKeepalive } from 'agentkeepalive';
import { Agent, HttpsAgent } from 'holdline';
import { DuplexAgent, DuplexHttpsAgent } from './duplex-agent.mjs';

const KEEPING = { keepAlive: true, maxFreeSockets: 4_096 };

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
