// The floor: Node's agents, and undici's, with nothing under them but a Duplex that passes bytes on. What Holdline costs beyond this it
// costs by what it does; what this costs is the price of standing in between.
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { Duplex } from 'node:stream';

class PassThroughSocket extends Duplex {
  #socket;

  constructor(socket) {
    super({ allowHalfOpen: false });
    this.#socket = socket;
    this.connecting = true;
    socket.once(socket.encrypted ? 'secureConnect' : 'connect', () => {
      this.connecting = false;
      this.emit('connect');
    });
    socket.on('data', (chunk) => {
      if (!this.push(chunk)) socket.pause();
    });
    socket.on('end', () => this.push(null));
    socket.on('error', (error) => this.destroy(error));
    socket.on('close', () => this.destroy());
    socket.on('timeout', () => this.emit('timeout'));
  }

  _write(data, encoding, done) {
    if (this.#socket.write(data, encoding)) done();
    else this.#socket.once('drain', done);
  }

  _writev(chunks, done) {
    let hasRoom = true;
    this.#socket.cork();
    for (const { chunk, encoding } of chunks) hasRoom = this.#socket.write(chunk, encoding);
    this.#socket.uncork();
    if (hasRoom) done();
    else this.#socket.once('drain', done);
  }

  _read() {
    this.#socket.resume();
  }

  _final(done) {
    this.#socket.end(done);
  }

  _destroy(error, done) {
    this.#socket.destroy();
    done(error);
  }

  setTimeout(ms) {
    this.#socket.setTimeout(ms);
    return this;
  }

  setNoDelay(noDelay) {
    this.#socket.setNoDelay(noDelay);
    return this;
  }

  setKeepAlive(...settings) {
    this.#socket.setKeepAlive(...settings);
    return this;
  }

  ref() {
    this.#socket.ref();
    return this;
  }

  unref() {
    this.#socket.unref();
    return this;
  }
}

/** `http.Agent` over bare Duplexes. */
export class DuplexAgent extends http.Agent {
  createConnection(...args) {
    return new PassThroughSocket(super.createConnection(...args));
  }
}

/** `https.Agent` over bare Duplexes. */
export class DuplexHttpsAgent extends https.Agent {
  createConnection(...args) {
    return new PassThroughSocket(super.createConnection(...args));
  }
}

/** What undici takes as `connect`, over bare Duplexes. */
export function duplexConnector({ hostname, port }, connected) {
  const socket = new PassThroughSocket(net.connect({ host: hostname, port, noDelay: true }));
  socket.once('connect', () => connected(null, socket)).once('error', connected);
}
