import { setTimeout as wait } from 'node:timers/promises';

export const dynamic = 'force-dynamic';

export async function GET() {
  await wait(Number(process.env.SLOW_MS));
  return new Response('slow');
}
