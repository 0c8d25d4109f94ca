import { Readable } from 'node:stream';
import nodeFetch, { FormData as NodeFetchFormData, Request as NodeFetchRequest } from 'node-fetch';
import { describeFetch } from '../sockets/describe-fetch.js';
import { undicis } from './support/undici.js';

for (const [name, { fetch: fetchOf, Request: RequestOf, FormData: FormDataOf }] of await undicis()) {
  describeFetch(`the fetch of ${name}`, {
    fetch: fetchOf as unknown as typeof fetch,
    Request: RequestOf as unknown as typeof Request,
    FormData: FormDataOf as unknown as typeof FormData,
    stream: (parts) => ReadableStream.from(bytes(parts)),
    rereadsRequests: true,
  });
}

describeFetch('node-fetch', {
  fetch: nodeFetch as unknown as typeof fetch,
  Request: NodeFetchRequest as unknown as typeof Request,
  FormData: NodeFetchFormData as unknown as typeof FormData,
  stream: (parts) => Readable.from(bytes(parts)),
  rereadsRequests: false,
});

async function* bytes(parts: AsyncIterable<string>): AsyncGenerator<Buffer> {
  for await (const part of parts) yield Buffer.from(part);
}
