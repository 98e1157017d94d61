// A run that a test kills: writes to its scratch directory, prints its path, and waits.
import { mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ScratchDirectory } from "../scratch-directory.ts";

const scratch = ScratchDirectory.open();
mkdirSync(join(tmpdir(), "folder"));
writeFileSync(join(tmpdir(), "folder", "file"), "text");
console.log(scratch.path);
await new Promise((resolve) => process.stdin.once("data", resolve));
process.stdin.destroy();
await scratch[Symbol.asyncDispose]();
