import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkNodeVersion } from "../node-version.ts";
import { BareSystem, works } from "../testing/bare-system.ts";
import { CallProcess } from "../testing/call-process.ts";

/**
 * Runs a process as a user without an entry in the user database; it keeps the file permissions of this user.
 */
const AS_UNKNOWN_USER = ["unshare", "--user", "--map-user=4242", "--map-group=4242"];

let system: BareSystem;
beforeAll(() => {
  system = new BareSystem();
});
afterAll(() => system[Symbol.dispose]());

// Some containers forbid user namespaces.
describe.runIf(works(...AS_UNKNOWN_USER, "true"))(
  "a user id without an entry in the user database, without HOME (H14)",
  () => {
    const env = { HOME: undefined, XDG_STATE_HOME: undefined, XDG_RUNTIME_DIR: undefined };
    let unknown: CallProcess;
    beforeAll(async () => {
      unknown = await CallProcess.start(AS_UNKNOWN_USER, system.directory);
    });
    afterAll(() => unknown[Symbol.asyncDispose]());

    test.each([
      ["a registry file and the zygote", {}],
      ["a registry file and one process per worker", { startMethod: "spawn" }],
      ["gRPC", { transport: "grpc" }],
      ["sessions in the registry", { sessions: { store: "registry" } }],
    ])("runs with %s", async (_, config) => {
      expect(await unknown.call({ registry: system.registry, ...config }, { env })).toEqual({ value: "answer" });
    });

    test("without a registry location fails with remedies that work", async () => {
      const { code, message = "" } = await unknown.call({}, { env });
      expect(code).toBe("INVALID_CONFIG");
      expect(message).toBe(
        "no directory for the process registry: HOME is not set, and user id 4242 has no entry in the user database; set the path of a file (registry: { path }), or set HOME or XDG_STATE_HOME to a directory that this user can write to",
      );
      for (const name of ["HOME", "XDG_STATE_HOME"]) {
        const remedied = { ...env, [name]: join(system.directory, name) };
        expect(await unknown.call({}, { env: remedied })).toEqual({ value: "answer" });
      }
    });
  },
);

/** Runs a process with its own mounts; requires root or user namespaces. */
const OWN_MOUNTS = ["unshare", "--user", "--map-root-user", "--mount"];

describe.runIf(works(...OWN_MOUNTS, "mount", "-t", "tmpfs", "none", "/mnt"))("an incomplete system (E15)", () => {
  let mounting: CallProcess;
  beforeAll(async () => {
    mounting = await CallProcess.start(OWN_MOUNTS, system.directory);
    mkdirSync(join(system.directory, "t"));
  });
  afterAll(() => mounting[Symbol.asyncDispose]());

  test.each([
    ["is empty", "/proc"],
    ["shows processes only", "/proc/sys"],
  ])("with a /proc that %s fails with the remedy", async (_, path) => {
    const mounts = { before: `mount -t tmpfs none ${path}`, after: `umount --no-mtab ${path}` };
    const { code, message } = await mounting.call({ registry: system.registry }, mounts);
    expect([code, message]).toEqual([
      "UNSUPPORTED_PLATFORM",
      expect.stringMatching(
        /^\/proc\/\S+ cannot be read .*mount it completely in this container or sandbox \(mount -t proc/,
      ),
    ]);
  });

  test.each([
    ["is full", 'mount -t tmpfs -o size=4k none "$TMPDIR" && dd if=/dev/zero of="$TMPDIR/x" 2> /dev/null; true'],
    ["has no room for another file", 'mount -t tmpfs -o nr_inodes=1 none "$TMPDIR"'],
    ["is read-only", 'mount -t tmpfs -o ro none "$TMPDIR"'],
  ])("runs when TMPDIR %s, with its sockets in /tmp", async (_, before) => {
    const env = { TMPDIR: join(system.directory, "t") };
    expect(await mounting.call({ registry: system.registry }, { before, after: 'umount "$TMPDIR"', env })).toEqual({
      value: "answer",
    });
  });

  test("runs when TMPDIR does not exist, with its sockets in /tmp", async () => {
    const env = { TMPDIR: join(system.directory, "missing") };
    expect(await mounting.call({ registry: system.registry }, { env })).toEqual({ value: "answer" });
  });
});

test.each(["18.20.8", "20.20.2", "21.7.3", "22.0.0", "22.17.1", "9.99.0"])(
  "Node.js %s is rejected with the required version (E5)",
  (version) => {
    expect(() => checkNodeVersion(version)).toThrow(
      expect.objectContaining({
        code: "UNSUPPORTED_PLATFORM",
        retryable: false,
        message: `Node.js must be version 22.18 or newer; got ${version}; install a newer version from https://nodejs.org or with your version manager`,
      }),
    );
  },
);

test.each(["22.18.0", "22.100.0", "23.0.0", "24.21.0", "26.0.0-nightly"])("Node.js %s is accepted", (version) => {
  expect(() => checkNodeVersion(version)).not.toThrow();
});
