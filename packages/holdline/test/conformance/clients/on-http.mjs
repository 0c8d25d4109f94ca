// Clients that take an agent of Node's.

import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { HttpRequest } from '@smithy/core/protocols';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import axios from 'axios';
import got from 'got';
import nodeFetch from 'node-fetch';
import Stripe from 'stripe';
import superagent from 'superagent';
import { Digest, digest } from '../payload.mjs';

const RESPONSE_EVENTS = ['data', 'end', 'aborted', 'error', 'close'];

export function axiosHttp({ arm, origin, scheme }) {
  const agent = arm.agent(scheme);
  const client = axios.create({ httpAgent: agent, httpsAgent: agent, proxy: false, validateStatus: () => true });
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
        maxBodyLength: Number.POSITIVE_INFINITY,
      });
      log.mark('request', 'response');
      if (streams) log.listen('response', response.data, RESPONSE_EVENTS);
      return { status: response.status, headers: { ...response.headers }, body: await digest(response.data) };
    },
    close: () => agent.destroy(),
  };
}

export function gotClient({ arm, origin, scheme }) {
  const agent = arm.agent(scheme);
  // its own retries would hide what happens
  const client = got.extend({ agent: { http: agent, https: agent }, retry: { limit: 0 }, throwHttpErrors: false });
  return {
    async send({ method, path, headers, body, timeoutMs, streams }, log, signal) {
      const options = { method, headers, signal, ...(timeoutMs && { timeout: { request: timeoutMs } }) };
      const data = body?.();
      if (!streams && !data?.pipe) {
        const promise = client(`${origin}${path}`, { ...options, responseType: 'buffer', ...(body && { body: data }) });
        log.listen('request', promise, ['request', 'response', 'redirect']);
        const { statusCode: status, rawHeaders: headers, rawBody } = await promise;
        return { status, headers, body: await digest(rawBody) };
      }
      const seen = {};
      const stream = client.stream(`${origin}${path}`, { ...options, ...(data && { body: data }) });
      log.listen('stream', stream, ['request', 'response', 'redirect', ...RESPONSE_EVENTS]);
      stream.on('response', ({ statusCode, rawHeaders }) =>
        Object.assign(seen, { status: statusCode, headers: rawHeaders }),
      );
      seen.body = await digest(stream);
      return seen;
    },
    close: () => agent.destroy(),
  };
}

export function nodeFetchClient({ arm, origin, scheme }) {
  const agent = arm.agent(scheme);
  return {
    async send({ method, path, headers, body, timeoutMs }, log, signal) {
      const limited = timeoutMs ? AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]) : signal;
      const url = `${origin}${path}`;
      const response = await nodeFetch(url, { method, headers, agent, signal: limited, body: body?.() });
      log.mark('request', 'response');
      if (response.body) log.listen('response', response.body, RESPONSE_EVENTS);
      const { status, statusText, redirected } = response;
      return { status, statusText, redirected, headers: [...response.headers], body: await digest(response.body) };
    },
    close: () => agent.destroy(),
  };
}

export function superagentClient({ arm, origin, scheme }) {
  const agent = arm.agent(scheme);
  return {
    send: ({ method, path, headers, body, timeoutMs }, log, signal) =>
      new Promise((resolve, reject) => {
        const request = superagent(method, `${origin}${path}`).agent(agent).set(headers);
        request
          .ok(() => true)
          .buffer(true)
          .parse(parse);
        if (timeoutMs) request.timeout({ response: timeoutMs });
        log.listen('request', request, ['request', 'response', 'redirect', 'error', 'abort', 'end']);
        signal.addEventListener('abort', () => {
          request.abort();
          // by design its promise and its callback stay silent then
          setTimeout(reject, 20, new Error('aborted'));
        });
        if (body) request.send(body());
        request.end((error, response) => {
          log.mark('request', 'callback');
          if (error) return reject(error);
          resolve({ status: response.status, headers: response.headers, body: response.body });
        });
      }),
    close: () => agent.destroy(),
  };

  function parse(response, done) {
    const read = new Digest();
    response.on('data', (chunk) => read.add(chunk));
    response.on('end', () => done(null, read));
  }
}

/** stripe-node reads JSON, and sends it or forms. It repeats a hang-up once, whatever it is told. */
export function stripe({ arm, origin, scheme }) {
  const agent = arm.agent(scheme);
  const { hostname: host, port } = new URL(origin);
  const client = new Stripe('sk_test_1', {
    host,
    port,
    protocol: scheme,
    httpClient: Stripe.createNodeHttpClient(agent),
    telemetry: false,
    maxNetworkRetries: 0,
  });
  return {
    async send({ method, path, headers, body, timeoutMs }, log) {
      const params = body ? { amount: 5, pad: body().toString() } : undefined;
      const options = { additionalHeaders: headers, timeout: timeoutMs };
      const answer = await client.rawRequest(method, path, params, options);
      log.mark('request', 'response');
      const { lastResponse } = answer;
      const body_ = await digest(JSON.stringify(answer));
      return { status: lastResponse?.statusCode, headers: lastResponse?.headers, body: body_ };
    },
    close: () => agent.destroy(),
  };
}

/** The handler under an AWS SDK v3 client, which all its commands go through. */
export function aws({ arm, origin, scheme }) {
  const agent = arm.agent(scheme);
  const client = new DynamoDBClient({
    region: 'eu-west-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    requestHandler: new NodeHttpHandler({ httpAgent: agent, httpsAgent: agent }),
  });
  return {
    async send({ method, path, headers, body, timeoutMs }, log, signal) {
      const { protocol, hostname, port, pathname, searchParams } = new URL(`${origin}${path}`);
      const request = new HttpRequest({
        method,
        protocol,
        hostname,
        port: Number(port),
        path: pathname,
        query: Object.fromEntries(searchParams),
        headers,
        body: body?.(),
      });
      const options = { abortSignal: signal, requestTimeout: timeoutMs };
      const { response } = await client.config.requestHandler.handle(request, options);
      log.mark('request', 'response');
      log.listen('response', response.body, RESPONSE_EVENTS);
      return { status: response.statusCode, headers: response.headers, body: await digest(response.body) };
    },
    close: () => client.destroy(),
  };
}
