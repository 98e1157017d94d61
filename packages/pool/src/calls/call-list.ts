/** The links of an item in a {@link CallList}, which belong to the list. */
interface Links<Item> {
  previousCall: Item | undefined;
  nextCall: Item | undefined;
}

/**
 * Calls in order of arrival, linked through the calls themselves: adding and removing a call takes constant time and
 * allocates nothing. A call is in one list at most, as its state shows.
 */
export class CallList<Call extends Links<Call>> {
  length = 0;
  /** The call that came first; `undefined` when the list is empty. */
  first: Call | undefined;
  #last: Call | undefined;

  push(call: Call): void {
    call.previousCall = this.#last;
    if (this.#last === undefined) this.first = call;
    else this.#last.nextCall = call;
    this.#last = call;
    this.length += 1;
  }

  /** Puts a call before one of this list; at the end when that is `undefined`. */
  insert(call: Call, next: Call | undefined): void {
    if (next === undefined) {
      this.push(call);
      return;
    }
    const { previousCall } = next;
    call.previousCall = previousCall;
    call.nextCall = next;
    next.previousCall = call;
    if (previousCall === undefined) this.first = call;
    else previousCall.nextCall = call;
    this.length += 1;
  }

  /** Removes a call of this list, wherever it stands. */
  remove(call: Call): void {
    const { previousCall, nextCall } = call;
    if (previousCall === undefined) this.first = nextCall;
    else previousCall.nextCall = nextCall;
    if (nextCall === undefined) this.#last = previousCall;
    else nextCall.previousCall = previousCall;
    call.previousCall = undefined;
    call.nextCall = undefined;
    this.length -= 1;
  }

  /** Goes through the calls in order; the one at hand may be removed. */
  *[Symbol.iterator](): IterableIterator<Call> {
    for (let call = this.first; call !== undefined; ) {
      const next = call.nextCall;
      yield call;
      call = next;
    }
  }
}
