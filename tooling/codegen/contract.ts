import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

/** The root of the workspace. */
export const ROOT = resolve(import.meta.dirname, "../..");

/** The package with the .proto files. */
export const CONTRACT = resolve(ROOT, "packages/bridge-proto");

/** The folder of our .proto files, which matches the name of their package. */
export const PROTO_PACKAGE = "snakepit/bridge/v1";

/** The package with the gRPC services of the contract. */
const GATEWAY = resolve(ROOT, "packages/gateway");

/** The packages with TypeScript of the contract, each configured by its `buf.gen.yaml`. */
export const TYPESCRIPT_PACKAGES: readonly string[] = [CONTRACT, GATEWAY];

/** The folder of the committed TypeScript in each of them. */
export const TYPESCRIPT_CODE = "src/gen";

/** The committed descriptor set, which the package ships for tools that read descriptors. */
export const DESCRIPTOR_SET = join(CONTRACT, "bridge-service.binpb");

/**
 * The committed module with the bytes of that set, so that no file has to be found at run time: bundles have none. buf
 * empties its folder, so it must be written after the TypeScript code.
 */
export const DESCRIPTOR_MODULE = join(GATEWAY, TYPESCRIPT_CODE, "bridge-descriptors.ts");

/** Generates the TypeScript of a package with buf and ts-proto into the folder {@link TYPESCRIPT_CODE} of `base`. */
export function generateTypeScript(folder: string, base: string): void {
  runBuf(folder, ["generate", "--output", base]);
}

/**
 * Writes the .proto files of the public service and of `grpc.health.v1`, with everything that they import and with
 * their comments, as a `google.protobuf.FileDescriptorSet`, and the module that has its bytes.
 */
export function generateDescriptorSet(file: string, module: string): void {
  const service = join("proto", PROTO_PACKAGE, "bridge_service.proto");
  const paths = [service, "third-party/grpc/health/v1/health.proto"].flatMap((path) => ["--path", path]);
  buf("build", "--as-file-descriptor-set", ...paths, "--output", file);
  writeFileSync(module, moduleWith(readFileSync(file)));
}

function moduleWith(set: Buffer): string {
  return `// Generated from bridge-service.binpb by \`npm run codegen\`; not to be edited.

/**
 * The descriptors of \`BridgeService\`, of \`grpc.health.v1\` and of everything that they use, comments included, as a
 * \`google.protobuf.FileDescriptorSet\`: for reflection, and for clients that use descriptors instead of .proto files.
 * The same bytes as those of \`bridge-service.binpb\`.
 */
export const BRIDGE_DESCRIPTORS: Uint8Array = Buffer.from(
  "${set.toString("base64")}",
  "base64",
);
`;
}

/** Runs buf, which reads the configuration and the .proto files of the contract. */
export function buf(...args: readonly string[]): void {
  runBuf(CONTRACT, args);
}

function runBuf(cwd: string, args: readonly string[]): void {
  execFileSync("buf", args, { cwd, stdio: "inherit" });
}
