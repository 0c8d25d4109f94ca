export function POST() {
  return new Response('too large', { status: 413, headers: { Connection: 'close' } });
}
