import { EventEmitter } from 'node:events';
import { HttpsProxyAgent } from 'https-proxy-agent';

/**
 * Has an agent of Holdline's open its connections through a proxy, by `CONNECT`.
 *
 * @template {import('node:http').Agent} A
 * @param {A} agent - An `Agent` or `HttpsAgent`.
 * @param {string} proxyUrl - E.g. `process.env.HTTPS_PROXY`.
 * @param {Record<string, string>} [headers] - For the proxy.
 * @returns {A} The same agent.
 */
export function throughProxy(agent, proxyUrl, headers = {}) {
  const proxy = new HttpsProxyAgent(proxyUrl, { keepAlive: true, headers });
  const secureEndpoint = agent.protocol === 'https:';

  async function connect(options) {
    const request = new EventEmitter(); // stands in for a request: this connection will carry many
    let refusal;
    request.once('proxyConnect', ({ statusCode }) => {
      if (statusCode !== 200) refusal = new Error(`The proxy answered ${statusCode} to CONNECT.`);
    });
    const socket = await proxy.connect(request, { ...options, secureEndpoint });
    if (!refusal) return socket;
    socket.destroy();
    throw refusal;
  }

  agent.createConnection = (options, created) => {
    void connect(options).then((socket) => created(null, socket), created);
  };
  return agent;
}
