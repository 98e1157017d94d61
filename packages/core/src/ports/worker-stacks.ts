/** The Python stacks of a running worker. */
export interface CollectedStacks {
  /**
   * - `interpreter`: read by Python code of the worker;
   * - `fault-handler`: written by Python's fault handler on a signal, because native code held the interpreter lock. It
   *   has no asyncio tasks, and at most 100 frames of 100 threads.
   */
  readonly source: "interpreter" | "fault-handler";
  /** The main thread first. */
  readonly threads: readonly ThreadStack[];
  /** The asyncio tasks of the event loop of the worker. */
  readonly tasks: readonly TaskStack[];
}

/** The stack of one thread. */
export interface ThreadStack {
  /** Its name; the identifier where only that is known. */
  readonly name: string;
  readonly main: boolean;
  /** Whether the thread belongs to the worker itself and runs no tools. */
  readonly internal: boolean;
  /** Outermost first. Frames of the bridge are omitted in threads that run tools. */
  readonly frames: readonly StackFrame[];
}

/** The stack of one asyncio task. */
export interface TaskStack {
  readonly name: string;
  /** The name of the coroutine function. */
  readonly coroutine: string;
  /** Outermost first, through all coroutines that it awaits. */
  readonly frames: readonly StackFrame[];
}

export interface StackFrame {
  readonly file: string;
  readonly line: number;
  readonly function: string;
  /** The line of code; absent if it is not known. */
  readonly code?: string | undefined;
}
