import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { python, Snakepit } from "../../packages/snakepit/src/index.ts";

const TOOLS = `
from joblib import Parallel, delayed
from snakepit_bridge import tool


def cube(number: int) -> int:
    return number**3


@tool
def cubes(to: int) -> list[int]:
    return list(Parallel(n_jobs=2)(delayed(cube)(number) for number in range(to)))
`;

/**
 * Runs the processes of joblib in a tool whose file has a name that is not an identifier (H1). They import the file as
 * multiprocessing does, but with code of joblib.
 *
 * @param libraries the directory with joblib.
 * @throws AssertionError if the result is wrong.
 */
export async function checkProcessPools(libraries: string): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "snakepit-joblib-"));
  try {
    const file = join(directory, "my-tools.py");
    writeFileSync(file, TOOLS);
    for (const startMethod of ["fork", "spawn"] as const) {
      const pit = await Snakepit.start({
        worker: python(file, { startMethod }),
        size: 1,
        env: { PYTHONPATH: libraries },
        registry: { path: join(directory, "registry.db") },
        startTimeoutMs: "5m",
        executeTimeoutMs: "5m",
      });
      try {
        assert.deepEqual(await pit.execute("cubes", { to: 3 }), [0, 1, 8]);
      } finally {
        await pit.close();
      }
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
}
