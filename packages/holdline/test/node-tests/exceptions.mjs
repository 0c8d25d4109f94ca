// Where one of Node's own tests asks for what Holdline's agents do not do, and why.

/** Tests that do not pass. `modes`: in which they do not. */
export const exceptions = [
  {
    test: 'parallel/test-http-client-readable.js',
    modes: ['on'],
    reason:
      'Its fake server answers before it was asked. To Holdline bytes that no request asked for are the mark of a connection out of step, which it lets go, as Node itself does with a pooled one; `observe` passes them on.',
  },
  {
    test: 'parallel/test-http-parser-lazy-loaded.js',
    modes: ['on', 'observe'],
    reason:
      "It replaces Node's HTTP parser before `http` is loaded; the preload that swaps the agents has loaded `http` by then. Any preload that uses `http` fails it.",
  },
  {
    test: 'parallel/test-http-upgrade-server-callback.js',
    modes: ['on', 'observe'],
    reason:
      'It asks for `socket instanceof net.Socket` after an upgrade. A Line has the face of a `net.Socket`, but it is a `Duplex`.',
  },
];

/**
 * Tests that look at a private field of the client's socket, which a Line does not have. What they test, aborts and
 * timeouts, holds all the same: the preload shows them, and only them, what the Line keeps elsewhere.
 */
export const shown = [
  {
    test: 'parallel/test-http-client-spurious-aborted.js',
    field: '_handle',
    reason: "It replaces `close` of the handle: it is shown the real socket's.",
  },
  {
    test: 'parallel/test-http-client-timeout-on-connect.js',
    field: 'kTimeout',
    reason: "It reads the private timer, `[kTimeout]._idleTimeout`: it is shown the Line's `timeout`.",
  },
];
