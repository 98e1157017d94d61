import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CONTRACT, PROTO_PACKAGE } from "./contract.ts";

/** The committed descriptor set, which the package ships for tools that read descriptors. */
export const DESCRIPTOR_SET = join(CONTRACT, "bridge-service.binpb");

/**
 * The committed module with the bytes of that set, so that no file has to be found at run time: bundles have none. buf
 * empties its folder, so it must be written after the TypeScript code.
 */
export const DESCRIPTOR_MODULE = join(CONTRACT, "src/gen/bridge-descriptors.ts");

/**
 * Writes the .proto files of the public service and of `grpc.health.v1`, with everything that they import and with their
 * comments, as a `google.protobuf.FileDescriptorSet`, and the module that has its bytes.
 */
export function generateDescriptorSet(file: string, module: string): void {
  const service = join("proto", PROTO_PACKAGE, "bridge_service.proto");
  const paths = [service, "third-party/grpc/health/v1/health.proto"].flatMap((path) => ["--path", path]);
  execFileSync("buf", ["build", "--as-file-descriptor-set", ...paths, "--output", file], {
    cwd: CONTRACT,
    stdio: "inherit",
  });
  writeFileSync(module, moduleWith(readFileSync(file)));
}

function moduleWith(set: Buffer): string {
  return `// Generated from bridge-service.binpb by \`npm run codegen\`; not to be edited.

/**
 * The descriptors of \`BridgeService\`, of \`grpc.health.v1\` and of everything that they use, comments included, as a
 * \`google.protobuf.FileDescriptorSet\`: for reflection, and for clients that take descriptors instead of .proto files. The
 * same bytes as those of \`bridge-service.binpb\`.
 */
export const BRIDGE_DESCRIPTORS: Uint8Array = Buffer.from(
  "${set.toString("base64")}",
  "base64",
);
`;
}
