import { lstat, rm } from "node:fs/promises";
import { connect } from "node:net";
import { Server } from "@grpc/grpc-js";
import { BridgeServiceService } from "@snakepit/bridge-proto/grpc";
import { SnakepitError } from "@snakepit/core";
import { HealthImplementation, type ServingStatus } from "grpc-health-check";
import { objectionToSocket } from "../endpoint/socket-path.ts";
import { bindToUnixSocket } from "../transports/grpc-unix-server.ts";
import { maxRecordBytes } from "../transports/record-limits.ts";
import { bridgeHandlers } from "./bridge-handlers.ts";
import type { BridgeServer, ServeBridgeOptions } from "./serve-bridge.ts";

const DEFAULT_GRACE_MS = 2_000;

/** What `grpc.health.v1` tells about: the server as a whole, and the service by its name. */
const HEALTH_NAMES = ["", "snakepit.bridge.v1.BridgeService"];

/** Starts the server; see `serveBridge`, which loads this when it is needed. */
export async function startBridgeServer(options: ServeBridgeOptions): Promise<BridgeServer> {
  const { host, socketPath, maxPayloadBytes } = options;
  const server = new Server({
    "grpc.max_receive_message_length": maxRecordBytes(maxPayloadBytes),
    "grpc.max_send_message_length": -1,
  });
  server.addService(BridgeServiceService, bridgeHandlers(options));
  const health = new HealthImplementation();
  health.addToServer(server);
  const setHealth = (status: ServingStatus) => {
    for (const name of HEALTH_NAMES) health.setStatus(name, status);
  };
  setHealth("NOT_SERVING");
  await makeRoom(socketPath);
  const address = await bindToUnixSocket(server, socketPath);

  const closing = new AbortController();
  host.ready({ signal: closing.signal }).then(
    () => {
      if (!closing.signal.aborted) setHealth("SERVING");
    },
    // The host tells its owner why it is not ready; here it shows as NOT_SERVING.
    () => {},
  );
  let closed: Promise<void> | undefined;
  const close = (graceMs: number = DEFAULT_GRACE_MS): Promise<void> => {
    closing.abort();
    setHealth("NOT_SERVING");
    closed ??= shutDown(server, graceMs);
    return closed;
  };
  return {
    address,
    setServing: (serving) => {
      if (!closing.signal.aborted) setHealth(serving ? "SERVING" : "NOT_SERVING");
    },
    close: (closeOptions) => close(closeOptions?.graceMs),
    [Symbol.asyncDispose]: () => close(),
  };
}

async function shutDown(server: Server, graceMs: number): Promise<void> {
  const late = setTimeout(() => server.forceShutdown(), graceMs);
  await new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
  clearTimeout(late);
}

/** Makes room for the socket: that of a host that is gone is removed, anything else in its place is an error. */
async function makeRoom(path: string): Promise<void> {
  const objection = objectionToSocket(path);
  if (objection !== undefined) {
    throw new SnakepitError("INVALID_CONFIG", `cannot serve on ${path}: ${objection}; choose another path`);
  }
  const stat = await lstat(path).catch(() => undefined);
  if (stat === undefined) return;
  if (!stat.isSocket()) {
    throw new SnakepitError("INVALID_CONFIG", `${path} is there already and is not a socket; choose another path`);
  }
  if (await isListening(path)) {
    throw new SnakepitError("INVALID_CONFIG", `another process serves on ${path}; close it or choose another path`);
  }
  await rm(path, { force: true });
}

function isListening(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}
