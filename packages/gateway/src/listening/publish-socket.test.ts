import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { currentOwner } from "@snakepit/core/unix-sockets";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { publishSocket } from "./publish-socket.ts";

describe("publishSocket", () => {
  let directory: string;
  let servers: Server[];

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "snakepit-test-"));
    servers = [];
  });

  afterEach(async () => {
    await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
    rmSync(directory, { recursive: true });
  });

  it.each([
    ["0", 0],
    ["002", 0o002],
    ["022", 0o022],
    ["777", 0o777],
  ])("binds in a private directory and publishes the socket with mode 0600 under umask %s (L5)", async (_, umask) => {
    const path = join(directory, "tools.sock");
    const modes: number[] = [];
    const before = process.umask(umask);
    try {
      await publishSocket(path, async (hidden) => {
        expect(existsSync(path)).toBe(false);
        await listen(hidden);
        modes.push(statSync(dirname(hidden)).mode & 0o777);
        expect(existsSync(path)).toBe(false);
      });
    } finally {
      process.umask(before);
    }
    expect(modes).toEqual([0o700]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(directory)).toEqual(["tools.sock"]);
    await dial(path);
  });

  it.each([85, 92, 100, 107])("serves on a path of %i bytes, up to the longest path of a socket", async (bytes) => {
    const deep = join(directory, "d".repeat(bytes - Buffer.byteLength(directory) - 3));
    mkdirSync(deep);
    const path = join(deep, "t");
    const published = await publishSocket(path, listen);
    await dial(path);
    expect(readdirSync(deep)).toEqual(["t"]);
    published.remove();
    expect(readdirSync(deep)).toEqual([]);
  });

  it("serves in a directory that is a symbolic link", async () => {
    const real = join(directory, "real");
    mkdirSync(real);
    symlinkSync(real, join(directory, "link"));
    await publishSocket(join(directory, "link", "tools.sock"), listen);
    await dial(join(real, "tools.sock"));
  });

  it("keeps a file that another process has created at the path in the meantime", async () => {
    const path = join(directory, "tools.sock");
    const publishing = publishSocket(path, async (hidden) => {
      await listen(hidden);
      writeFileSync(path, "precious");
    });
    await expect(publishing).rejects.toMatchObject({
      code: "INVALID_CONFIG",
      message: expect.stringMatching(/tools\.sock: another process has created a file there; choose another path/),
    });
    expect(readdirSync(directory)).toEqual(["tools.sock"]);
  });

  it("removes its socket, but not a replacement", async () => {
    const path = join(directory, "tools.sock");
    const first = await publishSocket(path, listen);
    rmSync(path);
    const second = await publishSocket(path, listen);
    first.remove();
    await dial(path);
    second.remove();
    second.remove();
    expect(readdirSync(directory)).toEqual([]);
  });

  it("leaves nothing when the socket cannot be bound", async () => {
    const failure = new Error("no");
    await expect(publishSocket(join(directory, "tools.sock"), () => Promise.reject(failure))).rejects.toBe(failure);
    expect(readdirSync(directory)).toEqual([]);
  });

  it("removes the private directory of a process that was killed while it was binding (L5)", async () => {
    const source = new URL("publish-socket.ts", import.meta.url).href;
    const program = `
      import { createServer } from "node:net";
      import { publishSocket } from ${JSON.stringify(source)};
      await publishSocket(${JSON.stringify(join(directory, "tools.sock"))}, (path) => new Promise(() => {
        createServer().listen(path, () => process.stdout.write("bound"));
      }));`;
    const killed = spawn(process.execPath, ["-C", "source", "--input-type=module-typescript", "-e", program]);
    await once(killed.stdout, "data");
    killed.kill("SIGKILL");
    await once(killed, "close");
    expect(readdirSync(directory)).toEqual([expect.stringMatching(/^\.snakepit-/)]);
    await publishSocket(join(directory, "tools.sock"), listen);
    expect(readdirSync(directory)).toEqual(["tools.sock"]);
  });

  it("keeps private directories whose process is alive, unknown, or about to write its owner", async () => {
    const { pid } = spawnSync("true");
    const kept = ["alive", "elsewhere", "new", "foreign"].map((name) => join(directory, `.snakepit-${name}`));
    const abandoned = join(directory, ".snakepit-old");
    for (const each of [...kept, abandoned]) mkdirSync(each);
    const [alive = "", elsewhere = "", , foreign = ""] = kept;
    writeFileSync(join(alive, "owner.json"), JSON.stringify(currentOwner()));
    writeFileSync(join(elsewhere, "owner.json"), JSON.stringify({ ...currentOwner(), pid, boot: "another machine" }));
    writeFileSync(join(foreign, "precious.txt"), "keep me");
    for (const each of [abandoned, foreign]) utimesSync(each, 0, 0);
    await publishSocket(join(directory, "tools.sock"), listen);
    expect(kept.filter((each) => !existsSync(each))).toEqual([]);
    expect(existsSync(abandoned)).toBe(false);
  });

  it.skipIf(process.getuid?.() === 0)("reports the directory when it is not writable", async () => {
    chmodSync(directory, 0o500);
    await expect(publishSocket(join(directory, "tools.sock"), listen)).rejects.toMatchObject({
      code: "INVALID_CONFIG",
      message: expect.stringContaining(`${directory} is not writable`),
    });
    chmodSync(directory, 0o700);
  });

  async function listen(path: string): Promise<void> {
    const server = createServer((socket) => socket.destroy()).listen(path);
    servers.push(server);
    await once(server, "listening");
  }

  async function dial(path: string): Promise<void> {
    const socket = connect(path);
    await once(socket, "connect");
    socket.destroy();
  }
});
