/** Something that has collected work in this turn of the event loop. */
export interface Flushable {
  flush(): void;
}

let waiting: Flushable[] = [];

/**
 * Flushes once, when the promise callbacks of this turn have all run: what they still add goes out with it. That is
 * before the event loop looks for the next event, so nothing waits for a timer or for I/O.
 */
export function flushAfterTurn(flushable: Flushable): void {
  // A tick that is set up from a microtask runs when the queue of microtasks is empty; one that is set up from the
  // event's own callback would run before the first of them.
  if (waiting.push(flushable) === 1) queueMicrotask(flushWhenSettled);
}

function flushWhenSettled(): void {
  process.nextTick(flushAll);
}

function flushAll(): void {
  const flushables = waiting;
  waiting = [];
  for (const flushable of flushables) flushable.flush();
}
