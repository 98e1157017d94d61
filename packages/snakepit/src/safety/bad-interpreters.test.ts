import { findInterpreter } from "@snakepit/python-bridge";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { python } from "../index.ts";
import { failingStarts } from "../testing/failed-start.ts";

const starts = failingStarts();
/** The interpreter of the other tests. */
let good: string;

beforeEach(async () => {
  good = (await findInterpreter({ cwd: import.meta.dirname, env: process.env })).path;
});
afterEach(() => vi.unstubAllEnvs());

function startWith(interpreter: string | undefined) {
  const file = starts().write(
    "tools.py",
    "from snakepit_bridge import tool\n\n@tool\ndef one() -> int:\n    return 1\n",
  );
  return starts().error({ worker: python(file, interpreter === undefined ? {} : { python: interpreter }), size: 2 });
}

test("a missing interpreter is named, with the source of its path", async () => {
  const byOption = await startWith("/no/such/python3");
  expect(byOption).toMatchObject({
    code: "INVALID_CONFIG",
    message: expect.stringMatching(
      /^the option python must be Python 3\.10 or newer; got \/no\/such\/python3, which does not exist; correct/,
    ),
  });
  vi.stubEnv("SNAKEPIT_PYTHON", "python9.99");
  expect((await startWith(undefined)).message).toMatch(
    /^SNAKEPIT_PYTHON must be Python 3\.10 or newer; got "python9\.99", which is neither a command on PATH nor an environment in [^;]+; correct/,
  );
});

test("a program that is not Python is rejected", async () => {
  const program = starts().write("program", "#!/bin/sh\necho unknown option >&2\nexit 64\n", 0o700);
  const error = await startWith(program);
  expect(error.code).toBe("WORKER_START_FAILED");
  expect(error.message).toMatch(
    /program \(the option python\) is not a Python interpreter: it exited with status 64.*/,
  );
});

test("a Python that is too old is rejected with its version", async () => {
  const answer = JSON.stringify({ version: [3, 8, 10], environment: false, problem: null, missing: null });
  const old = starts().write(
    "python3.8",
    `#!/bin/sh\ncase "$1" in -c) echo 'snakepit-diagnosis:${answer}';; *) exit 1;; esac\n`,
    0o700,
  );
  expect(await startWith(old)).toMatchObject({
    code: "WORKER_START_FAILED",
    message: `${old} (the option python) must be Python 3.10 or newer; got Python 3.8.10; set the option python or SNAKEPIT_PYTHON to Python 3.10 or newer`,
  });
});

test("a Python without the bridge package is rejected with the command that installs it", async () => {
  // A real interpreter without site-packages in its search path.
  const bare = starts().write("python3", `#!/bin/sh\nexec '${good}' -S "$@"\n`, 0o700);
  const error = await startWith(bare);
  expect(error.code).toBe("WORKER_START_FAILED");
  expect(error.message).toContain(`the package snakepit-bridge is not installed in ${bare} (the option python)`);
  expect(error.message).toContain(`npx snakepit setup --python ${bare}`);
});

test("a bridge package of another version is rejected with the command that installs the right one", async () => {
  starts().write(
    "sitecustomize.py",
    "import snakepit_bridge._version\nsnakepit_bridge._version.PROTOCOL_VERSION += 1\n",
  );
  const other = starts().write("python3", `#!/bin/sh\nPYTHONPATH='${starts().directory}' exec '${good}' "$@"\n`, 0o700);
  const error = await startWith(other);
  expect(error.code).toBe("PROTOCOL_MISMATCH");
  expect(error.message).toMatch(/must use protocol version \d+; got \d+; .*npx snakepit setup/);
});
