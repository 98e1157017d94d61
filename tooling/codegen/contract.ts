import { resolve } from "node:path";

/** The root of the workspace. */
export const ROOT = resolve(import.meta.dirname, "../..");

/** The package with the .proto files. */
export const CONTRACT = resolve(ROOT, "packages/bridge-proto");

/** The folder of our .proto files, which matches the name of their package. */
export const PROTO_PACKAGE = "snakepit/bridge/v1";
