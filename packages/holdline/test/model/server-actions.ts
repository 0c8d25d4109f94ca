import { type End, FATES, type Hop } from './hop.js';
import type { Action } from './plan.js';
import type { World } from './world.js';

/** What can happen next to one of a world's connections: in small steps, or in larger ones where small bring nothing new. */
export function actionsOn(world: World, hop: Hop, at: number): Action[] {
  const { connection } = hop;
  if (connection.state === 'connecting') return opening(world, hop, at);
  // what a client has left can no longer be told from what goes on elsewhere: the end of the walk sees to it
  if (connection.state !== 'open' || connection.client.destroyed) return [];
  return inSmallSteps(world, at) ? [...serving(world, hop, at), ...ending(world, hop, at)] : inOneStep(world, hop, at);
}

function inSmallSteps({ plan }: World, at: number): boolean {
  return at === 0 || plan.smallSteps === true;
}

function opening(world: World, hop: Hop, at: number): Action[] {
  if (hop.fate) return [];
  const fates = inSmallSteps(world, at) ? FATES.filter((fate) => fate === 'answers' || fate === 'refuses') : FATES;
  return fates.map((fate) => ({ name: `${fate} ${at}`, side: 'client', run: () => hop.meet(fate) }));
}

function serving({ plan }: World, hop: Hop, at: number): Action[] {
  const { connection, server } = hop;
  const on = (name: string, side: Action['side'], enabled: boolean, run: () => void): Action[] =>
    enabled ? [{ name: `${name} ${at}`, side, run }] : [];
  const owes = server.owing.length > 0 && connection.server.sends;
  return [
    ...on('to server', 'server', connection.toServer.length > 0, () => {
      do hop.reachServer();
      while (
        // what a client only acknowledges changes nothing for a server
        connection.toServer[0]?.kind === 'ack'
      );
    }),
    ...on('to client', 'client', connection.toClient.length > 0, () => connection.reachClient()),
    ...on('execute', 'server', connection.server.unreadBytes > 0 && server.reads, () => server.execute()),
    ...on('answer', 'server', owes, () => {
      if (plan.splitAfterBytes !== undefined && !server.hasBegun) server.beginAnswer(plan.splitAfterBytes);
      else server.answer();
    }),
  ];
}

function ending({ plan }: World, hop: Hop, at: number): Action[] {
  const { connection, server } = hop;
  const end = (how: End): Action => ({
    name: `${how} ${at}`,
    side: how === '408' ? 'client' : 'server', // for it depends on what the client has read
    run: () => hop.end(how),
  });
  if (!server.hasEnded) {
    // a server says that it has waited too long only when all that it said before has long been read
    const isQuiet = connection.toClient.length + connection.client.tcp.unreadBytes + server.owing.length === 0;
    const ends = plan.ends ?? ['close', 'reset', 'half-close'];
    return ends.filter((how) => how !== '408' || isQuiet).map(end);
  }
  if (server.tcp.closed || server.tcp.wasReset) return [];
  // one that lingers closes in the end; one that reads all has nothing left to answer by a RST
  const hasMore = connection.server.unreadBytes + connection.toServer.length > 0;
  return plan.late && hasMore ? [] : [end('close')];
}

function inOneStep({ machine }: World, hop: Hop, at: number): Action[] {
  if (!hop.moves) return [];
  const arrive = async () => {
    hop.pass();
    await machine.turn();
  };
  return [{ name: `arrive ${at}`, side: 'client', run: arrive }];
}
