import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { CONTRACT, PROTO_PACKAGE } from "./contract.ts";

/** The committed result, which the package ships for reflection and for tools that take descriptors. */
export const DESCRIPTOR_SET = join(CONTRACT, "bridge-service.binpb");

/**
 * Writes the .proto files of the public service, with everything they import and with their comments, as a
 * `google.protobuf.FileDescriptorSet`.
 */
export function generateDescriptorSet(file: string): void {
  const service = join("proto", PROTO_PACKAGE, "bridge_service.proto");
  execFileSync("buf", ["build", "--as-file-descriptor-set", "--path", service, "--output", file], {
    cwd: CONTRACT,
    stdio: "inherit",
  });
}
