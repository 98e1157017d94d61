/** Removes a callback. Idempotent. */
export type Unsubscribe = () => void;

interface FanOut {
  readonly callbacks: Set<() => void>;
  readonly listener: () => void;
}

const fanOuts = new WeakMap<AbortSignal, FanOut>();

/**
 * Runs `callback` once when `signal` aborts. All callbacks of a signal share one listener, which is removed with the
 * last of them. Adding and removing a callback take O(1), so that a million calls can share one signal. The signal must
 * not be aborted yet; check `signal.aborted` first.
 */
export function watchAbort(signal: AbortSignal, callback: () => void): Unsubscribe {
  let fanOut = fanOuts.get(signal);
  if (fanOut === undefined) {
    const callbacks = new Set<() => void>();
    const listener = () => {
      fanOuts.delete(signal);
      for (const each of callbacks) each();
    };
    fanOut = { callbacks, listener };
    fanOuts.set(signal, fanOut);
    signal.addEventListener("abort", listener, { once: true });
  }
  const { callbacks, listener } = fanOut;
  // A new function, so that a callback that was registered twice is called twice.
  const entry = () => callback();
  callbacks.add(entry);
  return () => {
    if (callbacks.delete(entry) && callbacks.size === 0 && fanOuts.get(signal)?.callbacks === callbacks) {
      fanOuts.delete(signal);
      signal.removeEventListener("abort", listener);
    }
  };
}
