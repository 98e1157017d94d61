import { PROTOCOL_VERSION } from "@snakepit/bridge-proto";
import type { SnakepitError } from "@snakepit/core";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { launchOne, rejection } from "../testing/launching.ts";
import { LaunchingHost, TargetFiles, TOOLS } from "../testing/launching-host.ts";
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

/** Launches a worker with a shell script as the interpreter. */
async function launchWith(script: string): Promise<{ error: SnakepitError; python: string }> {
  const python = files.write("python3", script, 0o755);
  const error = await rejection(launchOne(await host.launcher(TOOLS, { python })));
  expect(host.registry.rows.size).toBe(0);
  return { error, python };
}

/** Returns a script that fails to start the zygote and answers the diagnosis with these facts. */
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

describe("an interpreter that cannot start the zygote", () => {
  test("is reported as another program", async () => {
    const { error, python } = await launchWith("#!/bin/sh\necho unknown option >&2\nexit 64\n");
    expect(error).toMatchObject({
      code: "WORKER_START_FAILED",
      startFailure: "permanent",
      details: { interpreter: python },
    });
    expect(error.message).toContain(
      `${python} (the option python) is not a Python interpreter: it exited with status 64`,
    );
    expect(error.message).toContain("unknown option");
    // The output is part of the error and is not logged.
    expect(host.logged).toBe("");
  });

  test("is reported as a file that is not a program", async () => {
    const { error, python } = await launchWith("\0\0\0 not a program");
    expect(error).toMatchObject({ code: "WORKER_START_FAILED", startFailure: "permanent" });
    expect(error.message).toContain(`${python} (the option python) `);
  });

  test("is reported as too old", async () => {
    const facts = { version: [3, 8, 10], environment: false, problem: "No module", missing: "msgspec" };
    const { error, python } = await launchWith(diagnosedAs(facts));
    expect(error).toMatchObject({
      code: "WORKER_START_FAILED",
      startFailure: "permanent",
      details: { version: "3.8.10" },
    });
    expect(error.message).toContain(`${python} (the option python) must be Python 3.10 or newer; got Python 3.8.10`);
  });

  describe("without the bridge package", () => {
    // A real interpreter without site-packages, which therefore looks like the interpreter of the system.
    const withoutPackages = () => `#!/bin/sh\nexec '${good}' -S "$@"\n`;

    test("is reported with the command that creates an environment", async () => {
      const { error, python } = await launchWith(withoutPackages());
      expect(error).toMatchObject({ code: "WORKER_START_FAILED", startFailure: "permanent" });
      expect(error.message).toBe(
        `the package snakepit-bridge is not installed in ${python} (the option python); create an environment that has it (npx snakepit setup --python ${python}) and use it instead: python("./tools.py", { python: ".venv" })`,
      );
    });

    test("is reported with the command without options if it was found by the search", async () => {
      const path = files.write("python3", withoutPackages(), 0o755);
      const found = { path, chosenBy: "python3 on PATH", isChoice: false };
      const end = { description: "it exited with status 1", startFailure: "permanent" as const, stderrTail: "" };
      expect((await diagnoseInterpreter(found, process.env, files.directory, end)).message).toBe(
        `the package snakepit-bridge is not installed in ${path} (python3 on PATH); create an environment that has it: npx snakepit setup`,
      );
    });

    test("is reported with the command that installs the package if it belongs to an environment", async () => {
      const facts = { version: [3, 12, 1], environment: true, problem: "No module", missing: "snakepit_bridge" };
      const { error, python } = await launchWith(diagnosedAs(facts));
      expect(error.message).toBe(
        `the package snakepit-bridge is not installed in ${python} (the option python); install it: npx snakepit setup --python ${python}`,
      );
    });
  });

  test("is reported with the missing dependency of the bridge package", async () => {
    files.write("sitecustomize.py", "import sys\nsys.modules['msgspec'] = None\n");
    const { error, python } = await launchWith(withSiteCustomize());
    expect(error.code).toBe("WORKER_START_FAILED");
    expect(error.message).toContain(`the package snakepit-bridge of ${python} (the option python) cannot be imported`);
    expect(error.message).toContain("msgspec");
  });

  test("is reported with the protocol version of its bridge package", async () => {
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

  test("fails temporarily if it was killed before its first output", async () => {
    const { error } = await launchWith(`#!/bin/sh\ncase "$1" in -c) exec '${good}' "$@";; esac\nkill -9 $$\n`);
    expect(error).toMatchObject({
      code: "WORKER_START_FAILED",
      message: expect.stringContaining("failed to start the zygote: it was terminated by SIGKILL"),
      startFailure: "temporary",
    });
  });

  test("times out if it writes no output", async () => {
    const python = files.write("python3", "#!/bin/sh\nexec sleep 600\n", 0o755);
    const launcher = await host.launcher(TOOLS, { python }, { startTimeoutMs: 300 });
    expect(await rejection(launchOne(launcher))).toMatchObject({
      code: "WORKER_START_FAILED",
      message: expect.stringContaining("took longer than 300 ms (startTimeoutMs)"),
    });
  });
});
