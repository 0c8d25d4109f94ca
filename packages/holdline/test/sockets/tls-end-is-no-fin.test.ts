import { once } from 'node:events';
import https from 'node:https';
import { onTestFinished, test } from 'vitest';
import { HttpsAgent } from '../../src/index.js';
import { endsTlsAndReadsOn } from './ends-tls.js';

test('B ends TLS, executes the POST that was on its way, and resets: the POST is never sent again', async () => {
  const { origin, port, ca, endTls, judge } = await endsTlsAndReadsOn();
  const agent = new HttpsAgent({ ca, marginMs: 0, origins: { [origin]: { idleLimitMs: 600_000 } } });
  onTestFinished(() => agent.destroy());
  const send = async (method: string, path: string) => {
    const request = https.request({ host: 'localhost', port, agent, method, path }).end();
    const [response] = (await once(request, 'response')) as [NodeJS.ReadableStream];
    await once(response.resume(), 'end');
    await new Promise((resolve) => setImmediate(resolve));
  };
  await judge(
    () => send('GET', '/'),
    (path) => {
      endTls();
      return send('POST', path);
    },
  );
});
