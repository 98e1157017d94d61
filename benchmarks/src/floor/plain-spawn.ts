import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { medianPssMib, type StartUp } from "../measure/processes.ts";
import { PYTHON } from "../project-files.ts";

const PROGRAM = "import numpy, sys; print(1, flush=True); sys.stdin.read()";

/** Starts `count` plain Python processes at the same time; each is ready when it has imported numpy. */
export async function plainSpawn(count: number): Promise<StartUp> {
  const start = performance.now();
  const processes = Array.from({ length: count }, () =>
    spawn(PYTHON, ["-c", PROGRAM], { stdio: ["pipe", "pipe", "inherit"] }),
  );
  await Promise.all(processes.map((each) => once(each.stdout, "data")));
  const readyMs = performance.now() - start;
  const pssMib = medianPssMib(processes.map((each) => each.pid ?? 0));
  await Promise.all(processes.map(end));
  return { readyMs, pssMib };
}

async function end(child: ChildProcess): Promise<void> {
  child.stdin?.end();
  if (child.exitCode === null) await once(child, "exit");
}
