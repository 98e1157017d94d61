import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CONTRACT, PROTO_PACKAGE, ROOT } from "./contract.ts";

/** The committed result. */
export const PYTHON_CODE = join(ROOT, "packages/python-bridge/python/src/snakepit_bridge/_proto");

/** The package. The C implementation of protobuf imports the pure Python one, which it does not use. */
const PACKAGE = `"""Generated from the .proto files of bridge-proto; see tooling/codegen."""

from __future__ import annotations

from .._libraries import load_on_first_use

# The C implementation imports the pure Python one, which it does not use.
load_on_first_use("google.protobuf.internal.python_message")
`;
const STUBS = /_pb2_grpc\.py$/;
const STUBS_WITH_A_SERVICE = /^(worker_link|bridge_service)_pb2_grpc\.py$/;

/** Generates the Python code of the contract with protoc into a folder, and replaces existing files. */
export function generatePython(folder: string): void {
  const scratch = mkdtempSync(join(tmpdir(), "snakepit-codegen-"));
  try {
    compile(scratch);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "__init__.py"), PACKAGE);
    for (const name of readdirSync(join(scratch, PROTO_PACKAGE))) {
      if (STUBS.test(name) && !STUBS_WITH_A_SERVICE.test(name)) continue;
      const text = readFileSync(join(scratch, PROTO_PACKAGE, name), "utf8");
      // protoc imports by the path of the .proto file; the code lives in a private package of snakepit_bridge.
      const ours = text.replaceAll("from snakepit.bridge.v1 import", "from snakepit_bridge._proto import");
      writeFileSync(join(folder, name), ours);
    }
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

function compile(scratch: string): void {
  const protos = readdirSync(join(CONTRACT, "proto", PROTO_PACKAGE)).map((name) => `${PROTO_PACKAGE}/${name}`);
  const outs = ["python_out", "pyi_out", "grpc_python_out"].map((out) => `--${out}=${scratch}`);
  const args = ["-m", "grpc_tools.protoc", "-I", join(CONTRACT, "proto"), ...outs, ...protos.sort()];
  execFileSync(join(ROOT, ".venv/bin/python"), args, { stdio: "inherit" });
}
