// Generates the code of both languages from the .proto files: TypeScript with buf and ts-proto, Python with protoc.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "../..");
const contract = join(root, "packages/bridge-proto");
const pythonOut = join(root, "packages/python-bridge/python/src/snakepit_bridge/_proto");
const python = join(root, ".venv/bin/python");
const protoPackage = "snakepit/bridge/v1";
const services = ["worker_link", "bridge_service"];

function generateTypeScript() {
  const env = { ...process.env, PATH: `${join(root, "node_modules/.bin")}${delimiter}${process.env["PATH"]}` };
  execFileSync("buf", ["generate"], { cwd: contract, env, stdio: "inherit" });
}

// protoc writes absolute imports of its own package path; ours is a private package of snakepit_bridge.
function generatePython() {
  const scratch = mkdtempSync(join(tmpdir(), "snakepit-codegen-"));
  try {
    const protos = readdirSync(join(contract, "proto", protoPackage)).map((name) => `${protoPackage}/${name}`);
    const outs = ["python_out", "pyi_out", "grpc_python_out"].map((out) => `--${out}=${scratch}`);
    execFileSync(python, ["-m", "grpc_tools.protoc", "-I", join(contract, "proto"), ...outs, ...protos], {
      stdio: "inherit",
    });
    for (const name of readdirSync(pythonOut)) rmSync(join(pythonOut, name), { recursive: true });
    writeFileSync(
      join(pythonOut, "__init__.py"),
      '"""Generated from the .proto files of bridge-proto; see tooling/codegen."""\n',
    );
    for (const name of readdirSync(join(scratch, protoPackage))) {
      const stub = name.endsWith("_pb2_grpc.py");
      if (stub && !services.some((service) => name === `${service}_pb2_grpc.py`)) continue;
      const text = readFileSync(join(scratch, protoPackage, name), "utf8");
      writeFileSync(
        join(pythonOut, name),
        text.replaceAll("from snakepit.bridge.v1 import", "from snakepit_bridge._proto import"),
      );
    }
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

generateTypeScript();
generatePython();
