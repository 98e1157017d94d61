import { userInfo } from "node:os";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { PROCESS_REGISTRY, STATE_STORE } from "../database/database-fault.ts";
import { locateDatabase, maskedUrl } from "./database-location.ts";
import { stateDirectory } from "./state-directory.ts";

describe("the location of a database", () => {
  it("is a file in the state directory by default", () => {
    for (const [purpose, file] of [
      [PROCESS_REGISTRY, "registry.db"],
      [STATE_STORE, "state.db"],
    ] as const) {
      expect(locateDatabase(purpose, undefined, undefined)).toEqual({
        is: "sqlite",
        path: join(stateDirectory() ?? "", file),
      });
    }
  });

  it("is the given file", () => {
    expect(locateDatabase(PROCESS_REGISTRY, undefined, "here.db")).toEqual({ is: "sqlite", path: resolve("here.db") });
  });

  it.each(["postgres://user@host/database", "postgresql://host"])("is the PostgreSQL database %s", (url) => {
    expect(locateDatabase(PROCESS_REGISTRY, url, undefined)).toEqual({ is: "postgresql", url });
  });

  it.each([
    ["mysql://user:s3cret@host/database", undefined, /postgres:\/\/user:password@host.*got mysql:\/\/user:\*\*\*@host/],
    ["user:s3cret@host", undefined, /user:\*\*\*@host/],
    ["", undefined, /must be a PostgreSQL URL/],
    ["postgres://host/database", "here.db", /only one of url and path/],
    [undefined, "", /path of the process registry must not be empty/],
  ])("rejects the url %j with the path %j", (url, path, message) => {
    const locate = () => locateDatabase(PROCESS_REGISTRY, url, path);
    expect(locate).toThrow(
      expect.objectContaining({ code: "INVALID_CONFIG", message: expect.stringMatching(message) }),
    );
    expect(locate).not.toThrow("s3cret");
  });
});

describe("maskedUrl", () => {
  it.each([
    ["postgres://user:s3cret@host:5432/database", "postgres://user:***@host:5432/database"],
    ["postgresql://user:p@ss/w:rd@host/database", "postgresql://user:***@host/database"],
    ["postgres://:s3cret@host/database", "postgres://:***@host/database"],
    [
      "postgres://user@host/database?password=s3cret&sslmode=require",
      "postgres://user@host/database?password=***&sslmode=require",
    ],
    ["postgres://user@host/database", "postgres://user@host/database"],
    ["postgres://host:5432/database", "postgres://host:5432/database"],
    ["user:s3cret@host/database", "user:***@host/database"],
    ["not a URL", "not a URL"],
  ])("masks %s as %s", (url, masked) => {
    expect(maskedUrl(url)).toBe(masked);
  });
});

describe("the state directory", () => {
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
});
