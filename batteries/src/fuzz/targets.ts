import type { FuzzTarget } from "./target.ts";
import { CLIENT } from "./targets/client.ts";
import { HOST_GRPC, HOST_SOCKET } from "./targets/host.ts";
import { VALUES_PYTHON } from "./targets/values-python.ts";
import { VALUES_TYPESCRIPT } from "./targets/values-typescript.ts";
import { WORKER_GRPC, WORKER_SOCKET } from "./targets/worker.ts";

/** All targets in the order in which they run. */
export const TARGETS: readonly FuzzTarget[] = [
  VALUES_TYPESCRIPT,
  VALUES_PYTHON,
  HOST_SOCKET,
  HOST_GRPC,
  WORKER_SOCKET,
  WORKER_GRPC,
  CLIENT,
];
