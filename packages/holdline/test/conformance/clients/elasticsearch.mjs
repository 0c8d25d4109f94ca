import { Client, UndiciConnection } from '@elastic/elasticsearch';
import { digest } from '../payload.mjs';

export function elasticsearch({ arm, origin }) {
  const connect = arm.connect();
  const client = new Client({
    node: origin,
    maxRetries: 0,
    Connection: UndiciConnection,
    ...(connect && { agent: { connect } }),
  });
  return {
    async send({ method, path, headers, body, timeoutMs, streams }, log, signal) {
      const options = { meta: true, asStream: streams, signal, headers, requestTimeout: timeoutMs, maxRetries: 0 };
      const answer = await client.transport.request({ method, path, body: body?.() }, options);
      log.mark('request', 'response');
      const { statusCode: status, headers: given, body: told } = answer;
      if (!streams) return { status, headers: given, body: await digest(JSON.stringify(told) ?? '') };
      log.listen('response', told, ['data', 'end', 'error', 'close']);
      return { status, headers: given, body: await digest(told) };
    },
    close: () => client.close(),
  };
}
