import type { Socket } from 'node:net';
import type { End } from './passage.js';

/**
 * A socket as an end of a passage. In Node one that is reset before its FIN is with the kernel (`uv_tcp_close_reset` gives
 * EINVAL) is never closed, and keeps its descriptor: so the RST waits for the FIN.
 */
export function endOf(socket: Socket): End {
  let ending = false;
  let resets = false;
  return {
    on: (event: string, listener: (bytes: Buffer) => void) => socket.on(event, listener),
    write: (bytes, taken) => socket.write(bytes, taken),
    end() {
      ending = true;
      socket.end(() => {
        ending = false;
        if (resets) setImmediate(() => socket.resetAndDestroy());
      });
    },
    resetAndDestroy() {
      resets = true;
      if (!ending) socket.resetAndDestroy();
    },
    destroy: () => socket.destroy(),
    pause: () => socket.pause(),
    resume: () => socket.resume(),
  };
}
