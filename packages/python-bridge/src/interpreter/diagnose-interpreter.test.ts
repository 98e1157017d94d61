import { PROTOCOL_VERSION } from "@snakepit/bridge-proto";
import type { SnakepitError } from "@snakepit/core";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { launchOne, rejection } from "../testing/launching.ts";
import { LaunchingHost, TOOLS } from "../testing/launching-host.ts";
import { TargetFiles } from "../testing/target-files.ts";
import { diagnoseInterpreter } from "./diagnose-interpreter.ts";
import { findInterpreter } from "./find-interpreter.ts";

let files: TargetFiles;
let host: LaunchingHost;
/** The interpreter that the other tests use. */
let good: string;

beforeEach(async () => {
  good = (await findInterpreter({ cwd: import.meta.dirname, env: process.env })).path;
  files = new TargetFiles();
  host = new LaunchingHost();
});

afterEach(async () => {
  await host[Symbol.asyncDispose]();
  await files[Symbol.asyncDispose]();
});

/** Launches with an interpreter that does what the script says. */
async function launchWith(script: string): Promise<{ error: SnakepitError; python: string }> {
  const python = files.write("python3", script, 0o755);
  const error = await rejection(launchOne(await host.launcher(TOOLS, { python })));
  expect(host.registry.rows.size).toBe(0);
  return { error, python };
}

/** Cannot run the launching program, and says this of itself. */
function diagnosedAs(facts: object): string {
  return `#!/bin/sh
case "$1" in
  -m) echo "no such module" >&2; exit 1;;
  -c) echo 'snakepit-diagnosis:${JSON.stringify(facts)}';;
esac
`;
}

/** The good interpreter, with the test's directory first in its search path. */
function withSiteCustomize(): string {
  return `#!/bin/sh\nPYTHONPATH='${files.directory}' exec '${good}' "$@"\n`;
}

describe("an interpreter that is no use", () => {
  test("because it is another program", async () => {
    const { error, python } = await launchWith("#!/bin/sh\necho what do you want >&2\nexit 64\n");
    expect(error).toMatchObject({
      code: "WORKER_START_FAILED",
      startFailure: "permanent",
      details: { interpreter: python },
    });
    expect(error.message).toContain(
      `${python} (the option python) is not a Python interpreter: it exited with status 64`,
    );
    expect(error.message).toContain("what do you want");
    // It stands in the error, and need not be read twice.
    expect(host.logged).toBe("");
  });

  test("because it is no program at all", async () => {
    const { error, python } = await launchWith("\0\0\0 not a program");
    expect(error).toMatchObject({ code: "WORKER_START_FAILED", startFailure: "permanent" });
    expect(error.message).toContain(`${python} (the option python) `);
  });

  test("because it is too old", async () => {
    const facts = { version: [3, 8, 10], environment: false, problem: "No module", missing: "msgspec" };
    const { error, python } = await launchWith(diagnosedAs(facts));
    expect(error).toMatchObject({
      code: "WORKER_START_FAILED",
      startFailure: "permanent",
      details: { version: "3.8.10" },
    });
    expect(error.message).toContain(`${python} (the option python) is Python 3.8.10; Snakepit needs 3.10 or newer`);
  });

  describe("because it lacks the bridge package", () => {
    // A real interpreter, from whose search path site-packages is taken away; it takes itself for the system's.
    const withoutPackages = () => `#!/bin/sh\nexec '${good}' -S "$@"\n`;

    test("is named, with how to make an environment of it", async () => {
      const { error, python } = await launchWith(withoutPackages());
      expect(error).toMatchObject({ code: "WORKER_START_FAILED", startFailure: "permanent" });
      expect(error.message).toBe(
        `${python} (the option python) has no package snakepit-bridge. Make an environment that has it, with npx snakepit setup --python ${python}, and name that one instead`,
      );
    });

    test("is told the one command that mends it where it was found", async () => {
      const path = files.write("python3", withoutPackages(), 0o755);
      const found = { path, chosenBy: "python3 on PATH", isChoice: false };
      const end = { description: "it exited with status 1", startFailure: "permanent" as const, stderrTail: "" };
      expect((await diagnoseInterpreter(found, process.env, files.directory, end)).message).toBe(
        `${path} (python3 on PATH) has no package snakepit-bridge. Make an environment that has it: npx snakepit setup`,
      );
    });

    test("is told to install it where it is an environment", async () => {
      const facts = { version: [3, 12, 1], environment: true, problem: "No module", missing: "snakepit_bridge" };
      const { error, python } = await launchWith(diagnosedAs(facts));
      expect(error.message).toBe(
        `${python} (the option python) has no package snakepit-bridge. Install it there: npx snakepit setup --python ${python}`,
      );
    });
  });

  test("because something that the bridge package needs is missing", async () => {
    files.write("sitecustomize.py", "import sys\nsys.modules['msgspec'] = None\n");
    const { error, python } = await launchWith(withSiteCustomize());
    expect(error.code).toBe("WORKER_START_FAILED");
    expect(error.message).toContain(`the package snakepit-bridge of ${python} (the option python) cannot be imported`);
    expect(error.message).toContain("msgspec");
  });

  test("because its bridge package speaks another protocol", async () => {
    files.write(
      "sitecustomize.py",
      `
import snakepit_bridge._version
snakepit_bridge._version.PROTOCOL_VERSION = ${PROTOCOL_VERSION + 1}
snakepit_bridge._version.__version__ = "99.1"
`,
    );
    const { error, python } = await launchWith(withSiteCustomize());
    expect(error).toMatchObject({
      code: "PROTOCOL_MISMATCH",
      startFailure: "permanent",
      details: { theirs: PROTOCOL_VERSION + 1, ours: PROTOCOL_VERSION, bridgeVersion: "99.1" },
    });
    expect(error.message).toContain(`npx snakepit setup --python ${python}`);
  });

  test("because it was killed before it said anything, which may go better the next time", async () => {
    const { error } = await launchWith(`#!/bin/sh\ncase "$1" in -c) exec '${good}' "$@";; esac\nkill -9 $$\n`);
    expect(error).toMatchObject({
      code: "WORKER_START_FAILED",
      message: expect.stringContaining("could not start the launching program: it was ended by SIGKILL"),
      startFailure: "temporary",
    });
  });

  test("because it never says anything", async () => {
    const python = files.write("python3", "#!/bin/sh\nexec sleep 600\n", 0o755);
    const launcher = await host.launcher(TOOLS, { python }, { startTimeoutMs: 300 });
    expect(await rejection(launchOne(launcher))).toMatchObject({
      code: "WORKER_START_FAILED",
      message: expect.stringContaining("took longer than 300 ms (startTimeoutMs)"),
    });
  });
});
