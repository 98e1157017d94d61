import type { Snakepit } from "snakepit";
import type { Random } from "../random.ts";
import type { CallLedger } from "./call-ledger.ts";

/** Calls that are aborted at random moments. */
export interface StormSpec {
  readonly calls: number;
  /** The maximum number of calls at a time. */
  readonly concurrency: number;
}

/** Makes calls and streams, and aborts most of them: immediately, while they wait, or while they run. */
export async function cancelCalls(
  pit: Snakepit,
  ledger: CallLedger,
  { calls, concurrency }: StormSpec,
  random: Random,
): Promise<void> {
  let made = 0;
  const caller = async () => {
    while (made < calls) {
      made += 1;
      const controller = new AbortController();
      const chance = random.next();
      const timer = chance < 0.8 ? setTimeout(() => controller.abort(), random.next() * 30) : undefined;
      if (chance < 0.1) controller.abort();
      await ledger.track("storm", () => oneCall(pit, random, controller.signal));
      clearTimeout(timer);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, caller));
}

async function oneCall(pit: Snakepit, random: Random, signal: AbortSignal): Promise<unknown> {
  if (random.next() < 0.2) {
    for await (const _ of pit.stream("count", { to: 500 }, { signal }));
    return "read";
  }
  if (random.next() < 0.5) return await pit.execute("answer", { value: 1 }, { signal });
  return await pit.execute("sleep", { seconds: random.next() * 0.02 }, { signal });
}
