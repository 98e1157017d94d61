import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { BareSystem, works } from "../testing/bare-system.ts";

/** Makes a process see itself as a user without an entry in the user database; on files it keeps the rights of this one. */
const AS_UNKNOWN_USER = ["unshare", "--user", "--map-user=4242", "--map-group=4242"];

let system: BareSystem;
beforeEach(() => {
  system = new BareSystem();
});
afterEach(() => system[Symbol.dispose]());

// Some containers do not allow user namespaces.
describe.runIf(works(...AS_UNKNOWN_USER, "true"))(
  "a user id without an entry in the user database, without HOME (H14)",
  () => {
    const unknown = {
      wrapper: AS_UNKNOWN_USER,
      env: { HOME: undefined, XDG_STATE_HOME: undefined, XDG_RUNTIME_DIR: undefined },
    };

    test.each([
      ["a registry file and the zygote", {}],
      ["a registry file and one process per worker", { launcher: "spawn" }],
      ["gRPC", { transport: "grpc" }],
      ["sessions in the registry", { sessions: { store: "registry" } }],
    ])("runs with %s", async (_, config) => {
      expect(await system.call(config, unknown)).toEqual({ value: "answer" });
    });

    test("is told which option names a registry when none does, and each remedy works", async () => {
      const { code, message = "" } = await system.call({ registry: undefined }, unknown);
      expect(code).toBe("INVALID_CONFIG");
      expect(message).toBe(
        "no directory for the process registry: HOME is not set, and user id 4242 has no entry in the user database; name a file (registry: { path }), or set HOME or XDG_STATE_HOME to a directory that this user can write to",
      );
      for (const name of ["HOME", "XDG_STATE_HOME"]) {
        const env = { ...unknown.env, [name]: join(system.directory, name) };
        expect(await system.call({ registry: undefined }, { ...unknown, env })).toEqual({ value: "answer" });
      }
    });
  },
);
