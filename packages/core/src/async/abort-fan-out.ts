/** Stops watching; may be called more than once. */
export type Unsubscribe = () => void;

interface FanOut {
  readonly callbacks: Set<() => void>;
  readonly listener: () => void;
}

const fanOuts = new WeakMap<AbortSignal, FanOut>();

/**
 * Runs `callback` once when `signal` aborts. A signal carries a single listener for any number of callbacks, and none
 * when there are no callbacks: adding and removing are O(1), so one signal can serve a million calls without a leak.
 * The signal must not be aborted yet; check `signal.aborted` first.
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
  // A wrapper of its own, so that one callback watched twice is called twice.
  const entry = () => callback();
  callbacks.add(entry);
  return () => {
    if (callbacks.delete(entry) && callbacks.size === 0 && fanOuts.get(signal)?.callbacks === callbacks) {
      fanOuts.delete(signal);
      signal.removeEventListener("abort", listener);
    }
  };
}
