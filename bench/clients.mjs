// By what a cell's requests are sent. An arm's process loads only its own client, for what another brings along would be in
// its heap.
//
// Each of these modules has `clientOf(target, settings)`; the settings are Holdline's. A client has
//   sender({ path, lane })  a function that sends one request and calls back when it has the whole answer; requests of a
//                           lane have a connection to themselves
//   opened()                how many connections were opened for them so far
//   hangUps()               how many hang-ups were met so far
// and `freshClientOf(target)` gives one that opens a connection for each request.
const modules = {
  http: () => import('./http-client.mjs'),
  request: () => import('./undici-client.mjs'),
  dispatch: () => import('./undici-client.mjs'),
  fetch: () => import('./undici-client.mjs'),
};

/** The module of the client that an arm sends by: the cell's, or the raw socket. */
export function clientsOf({ client, arm }) {
  return arm === 'raw' ? import('./raw-client.mjs') : modules[client]();
}
