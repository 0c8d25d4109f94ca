import type { Cancel } from './machine.js';

interface Followers {
  readonly callbacks: Set<() => void>;
  readonly tell: () => void;
}

const followers = new WeakMap<AbortSignal, Followers>();

/**
 * Calls back when a signal is aborted. However many follow it, the signal has one listener: a signal that a whole
 * service shares would else warn of a leak at the eleventh.
 */
export function onAbort(signal: AbortSignal, run: () => void): Cancel {
  let known = followers.get(signal);
  if (!known) {
    const callbacks = new Set<() => void>();
    known = {
      callbacks,
      tell: () => {
        for (const callback of callbacks) callback();
      },
    };
    followers.set(signal, known);
  }
  const { callbacks, tell } = known;
  const callback = () => run();
  signal.addEventListener('abort', tell); // one that it has already is not added again
  callbacks.add(callback);
  return () => {
    if (callbacks.delete(callback) && callbacks.size === 0) signal.removeEventListener('abort', tell);
  };
}

const kept = new WeakMap<object, AbortController>();
const cancelsOfGone = new FinalizationRegistry<Cancel>((cancel) => cancel());

/**
 * Goes on aborting a controller with a signal for as long as somebody holds one of some objects: bodies that are still
 * to be read. (`AbortSignal.any` would do, but on Node 20 a signal that lives long keeps a trace of each call.)
 */
export function followWhileHeld(signal: AbortSignal, controller: AbortController, holders: readonly object[]): void {
  if (holders.length === 0 || signal.aborted) return;
  const weak = new WeakRef(controller);
  cancelsOfGone.register(
    controller,
    onAbort(signal, () => weak.deref()?.abort(signal.reason)),
  );
  for (const holder of holders) kept.set(holder, controller);
}
