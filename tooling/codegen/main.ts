// Generates the code of both languages and the descriptor set from the .proto files, and the Python types of operations
// from their table; with --check, reports committed files that differ.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { differingFiles } from "./compare-folders.ts";
import { CONTRACT, ROOT } from "./contract.ts";
import { DESCRIPTOR_MODULE, DESCRIPTOR_SET, generateDescriptorSet } from "./descriptor-set.ts";
import { generatePython, PYTHON_CODE } from "./python.ts";
import { PYTHON_OPERATIONS, PYTHON_PAYLOADS, pythonOperations, pythonPayloads } from "./python-operations.ts";
import { generateTypeScript, TYPESCRIPT_CODE } from "./typescript.ts";

if (process.argv.includes("--check")) {
  check();
} else {
  generateTypeScript(CONTRACT);
  generatePython(PYTHON_CODE);
  generateDescriptorSet(DESCRIPTOR_SET, DESCRIPTOR_MODULE);
  writeFileSync(PYTHON_PAYLOADS, pythonPayloads());
  writeFileSync(PYTHON_OPERATIONS, pythonOperations());
}

function check(): void {
  const scratch = mkdtempSync(join(tmpdir(), "snakepit-codegen-check-"));
  try {
    generateTypeScript(scratch);
    generatePython(join(scratch, "python"));
    generateDescriptorSet(join(scratch, "set.binpb"), join(scratch, relative(CONTRACT, DESCRIPTOR_MODULE)));
    const stale = [
      ...staleFiles(TYPESCRIPT_CODE, join(scratch, "src/gen")),
      ...staleFiles(PYTHON_CODE, join(scratch, "python")),
      ...staleFile(DESCRIPTOR_SET, join(scratch, "set.binpb")),
    ];
    if (readFileSync(PYTHON_PAYLOADS, "utf8") !== pythonPayloads()) stale.push(relative(ROOT, PYTHON_PAYLOADS));
    if (readFileSync(PYTHON_OPERATIONS, "utf8") !== pythonOperations()) stale.push(relative(ROOT, PYTHON_OPERATIONS));
    for (const file of stale) console.error(`${file} differs from what its source generates; run "npm run codegen".`);
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
