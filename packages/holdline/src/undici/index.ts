export type { Counts } from '../line/counts.js';
export type { HoldlineOptions, Mode, OriginOptions } from '../line/options.js';
export type { ConnectOptions, ConnectTo } from './connect-options.js';
export { type Connector, type ConnectorOptions, type Controls, connector } from './connector.js';
export { type DispatcherOptions, dispatcher } from './dispatcher.js';
