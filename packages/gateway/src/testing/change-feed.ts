/** Tells followers what has changed: each thing once, however often it changed before it was taken. */
export class ChangeFeed<Thing> {
  readonly #followers = new Set<Follower<Thing>>();

  get listeners(): number {
    return this.#followers.size;
  }

  tell(thing: Thing): void {
    for (const follower of this.#followers) follower.note(thing);
  }

  follow(): Follower<Thing> {
    const follower = new Follower<Thing>(() => this.#followers.delete(follower));
    this.#followers.add(follower);
    return follower;
  }
}

/** Somebody who follows. */
export class Follower<Thing> implements Disposable {
  readonly #changed = new Set<Thing>();
  readonly #leave: () => void;
  #wake = Promise.withResolvers<void>();

  constructor(leave: () => void) {
    this.#leave = leave;
  }

  note(thing: Thing): void {
    this.#changed.add(thing);
    this.#wake.resolve();
  }

  /** What has changed since the last time. */
  take(): Thing[] {
    const changed = [...this.#changed];
    this.#changed.clear();
    this.#wake = Promise.withResolvers();
    return changed;
  }

  /** Resolves when there is something to take. */
  next(): Promise<void> {
    return this.#wake.promise;
  }

  [Symbol.dispose](): void {
    this.#leave();
  }
}
