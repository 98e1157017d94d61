import { setTimeout as sleep } from "node:timers/promises";
import { type Session, SnakepitError } from "../index.ts";

/** The names of the updated variables. */
export const NAMES = ["a", "b", "c", "d", "e"];

/** By name: the number of updates, or the current value. */
export type Counts = Readonly<Record<string, number>>;

export interface Written {
  /** Updates that succeeded. */
  readonly committed: Counts;
  /** Updates that failed because the database was unavailable; they may have been committed before. */
  readonly unknown: Counts;
}

/** Creates the entries that {@link mixedUpdates} increments: variables, metadata and a program. */
export async function prepare(session: Session): Promise<void> {
  for (const name of NAMES) await session.variables.register(name, { type: "integer", value: 0 });
  await session.update(() => ({ n: 0 }));
  await session.programs.store("program", { n: 0 });
}

/** Resolves with the current values, as one host reads them. */
export async function stateOf(session: Session): Promise<Counts> {
  const { n: metadata } = await session.metadata();
  const { n: program } = await session.programs.get<{ n: number }>("program");
  const variables = (await session.variables.getMany(NAMES)) as Counts;
  return { ...variables, metadata: Number(metadata), program };
}

/**
 * Increments the entries concurrently from all hosts, in TypeScript and in Python.
 *
 * @param updates the number of updates, if `continues` does not require more.
 * @param onUpdate called before each update with the number of remaining updates.
 * @param continues whether there are further updates after these.
 */
export async function mixedUpdates(
  sessions: readonly Session[],
  updates: number,
  onUpdate: (left: number) => unknown = () => {},
  continues: () => boolean = () => false,
): Promise<Written> {
  const committed: Record<string, number> = {};
  const unknown: Record<string, number> = {};
  let made = 0;
  const worker = async (session: Session) => {
    while (made < updates || continues()) {
      const turn = made++;
      onUpdate(updates - turn);
      const [name, done] = countUp(session, turn);
      const isCommitted = await done.then(() => true, expectUnavailable);
      const counts = isCommitted ? committed : unknown;
      counts[name] = (counts[name] ?? 0) + 1;
      if (!isCommitted) await sleep(20);
    }
  };
  await Promise.all(sessions.flatMap((session) => Array.from({ length: 4 }, () => worker(session))));
  return { committed, unknown };
}

/** Increments one entry, in a way that depends on `turn`. */
function countUp(session: Session, turn: number): [name: string, done: Promise<unknown>] {
  const name = NAMES[turn % NAMES.length] as string;
  switch (turn % 20) {
    case 0:
      return ["metadata", session.update(({ n }) => ({ n: Number(n) + 1 }))];
    case 1:
      return ["program", session.programs.update<{ n: number }>("program", ({ n }) => ({ n: n + 1 }))];
    case 2:
      return [name, session.execute("increment", { name, times: 1 })];
    default:
      return [name, session.variables.update<number>(name, (n) => n + 1)];
  }
}

/** Returns false for an update that failed because the database was unavailable, in the host or in a tool. */
function expectUnavailable(thrown: unknown): false {
  if (!(thrown instanceof SnakepitError)) throw thrown;
  const code = thrown.code === "PYTHON_EXCEPTION" ? thrown.details["code"] : thrown.code;
  if (code !== "REGISTRY_UNAVAILABLE") throw thrown;
  return false;
}
