import { userInfo } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { stateDirectory } from "./state-directory.ts";

it.each([
  ["linux", { HOME: "/home/ann" }, "/home/ann/.local/state/snakepit"],
  ["linux", { HOME: "/home/ann", XDG_STATE_HOME: "/state" }, "/state/snakepit"],
  ["linux", { HOME: "/home/ann", XDG_STATE_HOME: "relative" }, "/home/ann/.local/state/snakepit"],
  ["linux", { HOME: "/home/ann", XDG_STATE_HOME: "" }, "/home/ann/.local/state/snakepit"],
  ["darwin", { HOME: "/Users/ann" }, "/Users/ann/Library/Application Support/snakepit"],
] as const)("on %s with %j is %s", (platform, env, directory) => {
  expect(stateDirectory(env, platform)).toBe(directory);
});

it("comes from the user database when HOME is not set", () => {
  const home = process.env["HOME"];
  process.env["HOME"] = "";
  const directory = stateDirectory({ HOME: "" }, "linux");
  if (home === undefined) delete process.env["HOME"];
  else process.env["HOME"] = home;
  expect(directory).toBe(join(userInfo().homedir, ".local/state/snakepit"));
});
