export { VirtualAgent } from './agent.js';
export { Choices, replayWalk, type Scenario, walk, walkAlong } from './choices.js';
export { settled, VirtualClock } from './clock.js';
export { VirtualMachine } from './machine.js';
export { MemoryConnection, MemoryNetwork } from './network.js';
export { answerTo, Ledger, ScriptedServer, type ServerHabits } from './server.js';
export { MemorySocket } from './socket.js';
export { type Received, type Segment, TcpEnd } from './tcp.js';
