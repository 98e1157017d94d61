// Generates the code of both languages and the descriptor set from the .proto files, and the Python types of operations
// from their table; with --check, reports committed files that differ.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import {
  CONTRACT,
  DESCRIPTOR_MODULE,
  DESCRIPTOR_SET,
  generateDescriptorSet,
  generateTypeScript,
  TYPESCRIPT_CODE,
} from "./contract.ts";
import { generatePython, PYTHON_CODE } from "./python.ts";
import { PYTHON_OPERATIONS, PYTHON_PAYLOADS, pythonOperations, pythonPayloads } from "./python-operations.ts";
import { staleFile, staleFiles, staleText } from "./stale-files.ts";

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
      ...staleText(PYTHON_PAYLOADS, pythonPayloads()),
      ...staleText(PYTHON_OPERATIONS, pythonOperations()),
    ];
    for (const file of stale) console.error(`${file} differs from what its source generates; run "npm run codegen".`);
    if (stale.length > 0) process.exitCode = 1;
  } finally {
    rmSync(scratch, { recursive: true });
  }
}
