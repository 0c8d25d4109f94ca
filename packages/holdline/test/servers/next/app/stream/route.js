import { setTimeout as wait } from 'node:timers/promises';

export const dynamic = 'force-dynamic';

export function GET() {
  const body = new ReadableStream({
    async start(parts) {
      const encoder = new TextEncoder();
      parts.enqueue(encoder.encode('one'));
      await wait(Number(process.env.SLOW_MS));
      parts.enqueue(encoder.encode('two'));
      parts.close();
    },
  });
  return new Response(body);
}
