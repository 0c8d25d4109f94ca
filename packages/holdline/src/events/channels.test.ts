import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { expect, onTestFinished, test } from 'vitest';
import {
  channels,
  faultChannel,
  hangUpChannel,
  letGoChannel,
  replayChannel,
  retryChannel,
  serverCloseChannel,
  serverDrainChannel,
  serverKeptChannel,
} from './channels.js';

const typed = {
  hangUp: hangUpChannel,
  replay: replayChannel,
  letGo: letGoChannel,
  retry: retryChannel,
  serverClose: serverCloseChannel,
  serverKept: serverKeptChannel,
  serverDrain: serverDrainChannel,
  fault: faultChannel,
};

test('the names of the channels are part of what users rely on', () => {
  expect(channels).toEqual({
    hangUp: 'holdline:hang-up',
    replay: 'holdline:replay',
    letGo: 'holdline:let-go',
    retry: 'holdline:retry',
    serverClose: 'holdline:server-close',
    serverKept: 'holdline:server-kept',
    serverDrain: 'holdline:server-drain',
    fault: 'holdline:fault',
  });
});

for (const [key, name] of Object.entries(channels) as [keyof typeof channels, string][]) {
  test(`${name} costs nothing where nobody listens, and tells once where somebody does`, () => {
    let made = 0;
    const publish = () => typed[key].publish(() => ({ made: ++made }) as never);
    publish();
    expect(made).toBe(0);
    const heard: unknown[] = [];
    const hear = (event: unknown) => void heard.push(event);
    subscribe(name, hear);
    onTestFinished(() => void unsubscribe(name, hear));
    publish();
    expect(heard).toEqual([{ made: 1 }]);
  });
}
