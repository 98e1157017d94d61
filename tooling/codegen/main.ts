// Generates the code of both languages and the descriptor set from the .proto files, and the Python types of operations
// from their table; with --check, reports committed files that differ.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import {
  DESCRIPTOR_MODULE,
  DESCRIPTOR_SET,
  generateDescriptorSet,
  generateTypeScript,
  TYPESCRIPT_CODE,
  TYPESCRIPT_PACKAGES,
} from "./contract.ts";
import { generatePython, PYTHON_CODE } from "./python.ts";
import { PYTHON_OPERATIONS, PYTHON_PAYLOADS, pythonOperations, pythonPayloads } from "./python-operations.ts";
import { staleFile, staleFiles, staleText } from "./stale-files.ts";

if (process.argv.includes("--check")) {
  check();
} else {
  for (const folder of TYPESCRIPT_PACKAGES) generateTypeScript(folder, folder);
  generatePython(PYTHON_CODE);
  generateDescriptorSet(DESCRIPTOR_SET, DESCRIPTOR_MODULE);
  writeFileSync(PYTHON_PAYLOADS, pythonPayloads());
  writeFileSync(PYTHON_OPERATIONS, pythonOperations());
}

function check(): void {
  const scratch = mkdtempSync(join(tmpdir(), "snakepit-codegen-check-"));
  try {
    const generatedIn = (folder: string) => join(scratch, basename(folder));
    for (const folder of TYPESCRIPT_PACKAGES) generateTypeScript(folder, generatedIn(folder));
    generatePython(join(scratch, "python"));
    const descriptors = join(scratch, basename(DESCRIPTOR_MODULE));
    generateDescriptorSet(join(scratch, "set.binpb"), descriptors);
    const stale = [
      ...TYPESCRIPT_PACKAGES.flatMap((folder) =>
        staleFiles(join(folder, TYPESCRIPT_CODE), join(generatedIn(folder), TYPESCRIPT_CODE)),
      ).filter((file) => basename(file) !== basename(DESCRIPTOR_MODULE)),
      ...staleFile(DESCRIPTOR_MODULE, descriptors),
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
