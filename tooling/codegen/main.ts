// Generates the code of both languages and the descriptor set from the .proto files; with --check, says whether what is
// committed is that.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { differingFiles } from "./compare-folders.ts";
import { CONTRACT, ROOT } from "./contract.ts";
import { DESCRIPTOR_MODULE, DESCRIPTOR_SET, generateDescriptorSet } from "./descriptor-set.ts";
import { generatePython, PYTHON_CODE } from "./python.ts";
import { generateTypeScript, TYPESCRIPT_CODE } from "./typescript.ts";

if (process.argv.includes("--check")) {
  check();
} else {
  generateTypeScript(CONTRACT);
  generatePython(PYTHON_CODE);
  generateDescriptorSet(DESCRIPTOR_SET, DESCRIPTOR_MODULE);
}

function check(): void {
  const scratch = mkdtempSync(join(tmpdir(), "snakepit-codegen-check-"));
  try {
    generateTypeScript(scratch);
    generatePython(join(scratch, "python"));
    generateDescriptorSet(join(scratch, "set.binpb"), join(scratch, "module.ts"));
    const stale = [
      ...staleFiles(TYPESCRIPT_CODE, join(scratch, "src/gen")),
      ...staleFiles(PYTHON_CODE, join(scratch, "python")),
      ...staleFile(DESCRIPTOR_SET, join(scratch, "set.binpb")),
      ...staleFile(DESCRIPTOR_MODULE, join(scratch, "module.ts")),
    ];
    for (const file of stale) console.error(`${file} is not what the .proto files give; run "npm run codegen".`);
    if (stale.length > 0) process.exitCode = 1;
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

function staleFiles(committed: string, generated: string): readonly string[] {
  return differingFiles(generated, committed).map((name) => relative(ROOT, join(committed, name)));
}

function staleFile(committed: string, generated: string): readonly string[] {
  return readFileSync(committed).equals(readFileSync(generated)) ? [] : [relative(ROOT, committed)];
}
