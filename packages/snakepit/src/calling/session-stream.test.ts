import type { PoolStream } from "@snakepit/pool";
import { expect, test } from "vitest";
import { SessionStream } from "./session-stream.ts";

/** A stream of numbers, and what was done with it. */
function counting(): { readonly stream: PoolStream; readonly done: string[] } {
  const done: string[] = [];
  async function* count(): AsyncGenerator<number> {
    done.push("begun");
    try {
      for (let n = 0; ; n++) yield n;
    } finally {
      done.push("left");
    }
  }
  return { stream: count(), done };
}

test("the session is asked for once, when the first chunk is", async () => {
  const { stream, done } = counting();
  const made = new SessionStream(async () => {
    done.push("opened");
    return stream;
  });
  expect(done).toEqual([]);
  expect([await made.next(), await made.next()]).toEqual([
    { done: false, value: 0 },
    { done: false, value: 1 },
  ]);
  expect(await made.return("enough")).toEqual({ done: true, value: "enough" });
  expect(done).toEqual(["opened", "begun", "left"]);
  expect(await made.next()).toMatchObject({ done: true });
});

test("a stream that was left before its first chunk asks for no session", async () => {
  const made = new SessionStream(() => Promise.reject(new Error("asked")));
  expect(await made.return()).toMatchObject({ done: true });
  expect(await made.next()).toMatchObject({ done: true });
});

test("a stream that is left while its session is asked for makes no call", async () => {
  const { stream, done } = counting();
  const session = Promise.withResolvers<PoolStream>();
  const made = new SessionStream(() => session.promise);
  const first = made.next();
  await expect(made.throw(new RangeError("enough"))).rejects.toThrow("enough");
  session.resolve(stream);
  expect(await first).toMatchObject({ done: true });
  expect(done).toEqual([]);
});

test("a stream without its session says so, whenever it is asked", async () => {
  const made = new SessionStream(() => Promise.reject(new RangeError("there is none")));
  await expect(made.next()).rejects.toThrow("there is none");
  await expect(made.next()).rejects.toThrow("there is none");
});
