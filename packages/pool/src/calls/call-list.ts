/** The links of an item in a {@link CallList}. Only the list changes them. */
interface Links<Item> {
  previousCall: Item | undefined;
  nextCall: Item | undefined;
}

/**
 * An intrusive linked list of calls in order of arrival: adding and removing a call takes constant time and
 * allocates nothing. A call is in at most one list; its state shows which.
 */
export class CallList<Call extends Links<Call>> {
  length = 0;
  /** The oldest call; `undefined` if the list is empty. */
  first: Call | undefined;
  #last: Call | undefined;

  push(call: Call): void {
    call.previousCall = this.#last;
    if (this.#last === undefined) this.first = call;
    else this.#last.nextCall = call;
    this.#last = call;
    this.length += 1;
  }

  /** Inserts a call before `next`, or at the end if `next` is `undefined`. */
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

  /** Removes a call from this list. */
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

  /** Iterates over the calls in order; the current call may be removed. */
  *[Symbol.iterator](): IterableIterator<Call> {
    for (let call = this.first; call !== undefined; ) {
      const next = call.nextCall;
      yield call;
      call = next;
    }
  }
}
