import { type Deadline, rejectToCaller, type SnakepitError } from "@snakepit/core";
import type { PoolCall } from "../pool-call.ts";
import { Call, type CallOwner } from "./call.ts";
import { deadlineExceeded } from "./call-errors.ts";

/** A call that returns one value. */
export class UnaryCall extends Call {
  readonly #settle: (value: unknown) => void;

  constructor(owner: CallOwner, request: PoolCall, settle: (value: unknown) => void) {
    super(owner, request);
    this.#settle = settle;
  }

  get streaming(): false {
    return false;
  }

  get credit(): number {
    return 0;
  }

  runningUntil(): Deadline {
    return this.deadline;
  }

  overdue(now: number): SnakepitError | undefined {
    return now >= this.deadline ? deadlineExceeded(this) : undefined;
  }

  resolve(value: unknown): void {
    this.#settle(value);
  }

  reject(error: SnakepitError): void {
    this.#settle(rejectToCaller(error));
  }

  /** Ignores unsolicited chunks. */
  chunk(): void {}
}
