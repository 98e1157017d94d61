/**
 * The file with the descriptors of `BridgeService` and of everything that it uses, comments included, as a
 * `google.protobuf.FileDescriptorSet`: for reflection, and for clients that take descriptors in place of .proto files.
 */
export const BRIDGE_DESCRIPTORS = new URL("../bridge-service.binpb", import.meta.url);
