import { describeFetch } from './describe-fetch.js';

describeFetch('the built-in fetch', {
  fetch,
  Request,
  FormData,
  stream: (parts) => ReadableStream.from(bytes(parts)),
  rereadsRequests: true,
});

async function* bytes(parts: AsyncIterable<string>): AsyncGenerator<Buffer> {
  for await (const part of parts) yield Buffer.from(part);
}
