import { Store } from "./store.ts";

/** A message about an action. */
export interface Notice {
  readonly id: number;
  readonly kind: "pending" | "done" | "failed";
  readonly text: string;
}

const SHOWN_MS = 8_000;

export const notices = new Store<readonly Notice[]>([]);

let created = 0;

/** Shows that an action is in progress, then how it has ended. */
export async function report<Result>(
  pending: string,
  action: Promise<Result>,
  done: (result: Result) => string,
): Promise<void> {
  created += 1;
  const id = created;
  notices.set([...notices.state, { id, kind: "pending", text: pending }]);
  const end = (kind: Notice["kind"], text: string) => {
    notices.set(notices.state.map((notice) => (notice.id === id ? { id, kind, text } : notice)));
    setTimeout(() => dismiss(id), SHOWN_MS);
  };
  try {
    end("done", done(await action));
  } catch (thrown) {
    end("failed", thrown instanceof Error ? thrown.message : String(thrown));
  }
}

export function dismiss(id: number): void {
  notices.set(notices.state.filter((notice) => notice.id !== id));
}
