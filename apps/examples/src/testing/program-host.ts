// Runs the programs that the parent sends, one after another: imports the file in its folder, and answers with what it
// printed. Ends by itself when the parent disconnects, unless a program has left something running.
import { dirname } from "node:path";
import { pathToFileURL } from "node:url";
import type { ProgramResult } from "./program-process.ts";

let programs = 0;
process.on("message", async (file: string) => {
  process.send?.(await run(file));
});

async function run(file: string): Promise<ProgramResult> {
  process.chdir(dirname(file));
  const write = process.stdout.write;
  let printed = "";
  process.stdout.write = (output: string | Uint8Array) => {
    printed += typeof output === "string" ? output : Buffer.from(output).toString();
    return true;
  };
  try {
    programs += 1;
    // A program that another one has imported runs again.
    await import(`${pathToFileURL(file)}?program=${programs}`);
    if (process.exitCode === undefined) return { printed };
    return { printed, failure: `exit code ${process.exitCode}` };
  } catch (thrown) {
    return { printed, failure: thrown instanceof Error ? `${thrown.stack}` : String(thrown) };
  } finally {
    process.stdout.write = write;
    process.exitCode = undefined;
  }
}
