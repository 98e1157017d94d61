import { EventEmitter } from "node:events";
import { expect, test } from "vitest";
import { LiveScreen, type LiveTerminal } from "./live-screen.ts";

/** A terminal of four rows and ten columns. */
function fakeTerminal() {
  const keys = Object.assign(new EventEmitter(), {
    raw: [] as boolean[],
    paused: true,
    setRawMode(mode: boolean) {
      keys.raw.push(mode);
      return keys;
    },
    resume() {
      keys.paused = false;
      return keys;
    },
    pause() {
      keys.paused = true;
      return keys;
    },
  });
  const written: string[] = [];
  const output = { columns: 10, rows: 4, write: (text: string) => written.push(text) > 0 };
  return { keys, written, terminal: { input: keys, output } as unknown as LiveTerminal };
}

test("the screen shows what fits, and the terminal is as before afterwards", () => {
  const { keys, written, terminal } = fakeTerminal();
  const screen = new LiveScreen(terminal, new AbortController().signal);
  screen.draw(["a long first line", "2", "3", "4", "5"]);
  screen[Symbol.dispose]();
  expect(written.join("")).toBe(
    "\u001b[?1049h\u001b[?25l\u001b[Ha long fir\u001b[K\r\n2\u001b[K\r\n3\u001b[K\r\n4\u001b[K\u001b[J\u001b[?25h\u001b[?1049l",
  );
  expect(keys).toMatchObject({ raw: [true, false], paused: true });
  expect(keys.listenerCount("data")).toBe(0);
});

test.each(["q", "\u0003"])("the key %j ends it, also while it waits", async (key) => {
  const { keys, terminal } = fakeTerminal();
  using screen = new LiveScreen(terminal, new AbortController().signal);
  const pause = screen.pause(600_000);
  keys.emit("data", "x");
  expect(screen.ended.aborted).toBe(false);
  keys.emit("data", Buffer.from(key));
  await pause;
  expect(screen.ended.aborted).toBe(true);
});

test.each(["xq", "qq"])("the key q ends it also when several keys arrive at once: %j", (keys) => {
  const { keys: input, terminal } = fakeTerminal();
  using screen = new LiveScreen(terminal, new AbortController().signal);
  input.emit("data", Buffer.from(keys));
  expect(screen.ended.aborted).toBe(true);
});

test("a key with an escape sequence does not end it", () => {
  const { keys, terminal } = fakeTerminal();
  using screen = new LiveScreen(terminal, new AbortController().signal);
  keys.emit("data", Buffer.from("\u001b[A"));
  expect(screen.ended.aborted).toBe(false);
});

test("the footer is shown below the lines, however many there are", () => {
  const { written, terminal } = fakeTerminal();
  using screen = new LiveScreen(terminal, new AbortController().signal);
  screen.draw(["1", "2", "3", "4", "5"], "q: quit");
  expect(written.at(-1)).toBe("\u001b[H1\u001b[K\r\n2\u001b[K\r\n\u001b[K\r\nq: quit\u001b[K\u001b[J");
});

test("characters of two columns are cut off at the width of the terminal", () => {
  const { written, terminal } = fakeTerminal();
  using screen = new LiveScreen(terminal, new AbortController().signal);
  screen.draw(["a預測する工具", "e\u0301-e\u0301"]);
  expect(written.at(-1)).toBe("\u001b[Ha預測する\u001b[K\r\ne\u0301-e\u0301\u001b[K\u001b[J");
});

test("the screen is left when the process exits without a disposal", () => {
  const { written, terminal } = fakeTerminal();
  const before = process.listeners("exit");
  const screen = new LiveScreen(terminal, new AbortController().signal);
  const [added] = process.listeners("exit").filter((listener) => !before.includes(listener));
  added?.(130);
  expect(written.at(-1)).toBe("\u001b[?25h\u001b[?1049l");
  screen[Symbol.dispose]();
  expect(process.listeners("exit")).toEqual(before);
});

test("the signal of the command ends it", async () => {
  const controller = new AbortController();
  using screen = new LiveScreen(fakeTerminal().terminal, controller.signal);
  controller.abort();
  await screen.pause(600_000);
  expect(screen.ended.aborted).toBe(true);
});
