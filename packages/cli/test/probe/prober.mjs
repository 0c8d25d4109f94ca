// Probes one server some times at once, in namespace a: gets its job by IPC, and sends back what it found.
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { judge, probe } from '@holdline/cli/probe';

process.once('message', async ({ host, port, url, options, runs, apartMs }) => {
  await untilUp(host, port);
  const found = await Promise.all(
    Array.from({ length: runs }, async (_, index) => {
      await sleep(index * apartMs);
      for await (const event of probe([url], options)) {
        if (event.type === 'measured') return { observation: event.observation, report: judge(event.observation) };
      }
    }),
  );
  process.send(found, () => process.disconnect());
});

async function untilUp(host, port) {
  for (let attempt = 0; attempt < 400; attempt++) {
    const isUp = await new Promise((resolve) => {
      const socket = connect({ host, port }, () => resolve(true));
      socket.on('error', () => resolve(false)).on('connect', () => socket.destroy());
    });
    if (isUp) return;
    await sleep(50);
  }
  throw new Error(`nothing listens at ${host}:${port} after 20 s`);
}
