// Clients that send by the built-in fetch or by undici.
import { Client, UndiciConnection } from '@elastic/elasticsearch';
import axios from 'axios';
import ky from 'ky';
import OpenAI from 'openai';
import { digest } from '../payload.mjs';
import { answerOf, signalOf } from './undici.mjs';

export function axiosFetch({ arm, origin }) {
  const dispatcher = arm.forFetch();
  const client = axios.create({ adapter: 'fetch', validateStatus: () => true, fetchOptions: { dispatcher } });
  return {
    async send({ method, path, headers, body, timeoutMs, streams }, log, signal) {
      const response = await client.request({
        url: `${origin}${path}`,
        method,
        headers,
        data: body?.(),
        timeout: timeoutMs,
        signal,
        responseType: streams ? 'stream' : 'arraybuffer',
      });
      log.mark('request', 'response');
      return { status: response.status, headers: { ...response.headers }, body: await digest(response.data) };
    },
    close: () => dispatcher?.destroy(),
  };
}

export function kyClient({ arm, origin }) {
  const dispatcher = arm.forFetch();
  const client = ky.create({ retry: 0, throwHttpErrors: false, timeout: false, ...(dispatcher && { dispatcher }) });
  return {
    async send({ method, path, headers, body, timeoutMs }, log, signal) {
      const options = { method, headers, signal, timeout: timeoutMs ?? false };
      const response = await client(`${origin}${path}`, { ...options, ...(body && { body: body(), duplex: 'half' }) });
      log.mark('request', 'response');
      return answerOf(response, log);
    },
    close: () => dispatcher?.destroy(),
  };
}

export function openai({ arm, origin }) {
  const dispatcher = arm.forFetch();
  const client = new OpenAI({
    apiKey: 'k',
    baseURL: origin,
    maxRetries: 0,
    ...(dispatcher && { fetchOptions: { dispatcher } }),
  });
  return {
    async send({ method, path, headers, body, timeoutMs }, log, signal) {
      const options = { headers, signal: signalOf(signal, timeoutMs), ...(body && { body: body() }) };
      const response = await client.request({ method: method.toLowerCase(), path, ...options }).asResponse();
      log.mark('request', 'response');
      return answerOf(response, log);
    },
    close: () => dispatcher?.destroy(),
  };
}

/** Its transport makes an undici pool for each node. */
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
