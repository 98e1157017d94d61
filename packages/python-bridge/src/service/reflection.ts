import { readFile } from "node:fs/promises";
import { BinaryReader } from "@bufbuild/protobuf/wire";
import type { Server } from "@grpc/grpc-js";
import { ReflectionService } from "@grpc/reflection";
import { BRIDGE_DESCRIPTORS } from "@snakepit/bridge-proto/grpc";
import { toSnakepitError } from "@snakepit/core";
import { service as healthService } from "grpc-health-check";

type ReflectedPackages = ConstructorParameters<typeof ReflectionService>[0];

/** Field `file` of `google.protobuf.FileDescriptorSet`. */
const FILE = (1 << 3) | 2;

/** Lets a server describe its services: `grpc.reflection.v1`, and `v1alpha` for the clients that have stayed with it. */
export async function addReflection(server: Server): Promise<void> {
  const packages = {
    bridge: { fileDescriptorProtos: await bridgeFiles() },
    health: healthService["Check"]?.requestType,
  };
  new ReflectionService(packages as unknown as ReflectedPackages).addToServer(server);
}

/** The files of the descriptor set, each as the bytes of a `google.protobuf.FileDescriptorProto`. */
async function bridgeFiles(): Promise<readonly Buffer[]> {
  const set = await readFile(BRIDGE_DESCRIPTORS).catch((thrown: unknown) => {
    throw toSnakepitError(thrown, "INTERNAL", "the descriptors of the gRPC service cannot be read; install again");
  });
  const files: Buffer[] = [];
  const reader = new BinaryReader(set);
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag === FILE) files.push(Buffer.from(reader.bytes()));
    else reader.skip(tag & 7, tag >>> 3);
  }
  return files;
}
