import { promisify } from "node:util";
import { Server, ServerCredentials, type ServerOptions } from "@grpc/grpc-js";
import type { BridgeListenOptions, BridgeServer } from "@snakepit/core";
import { describeValue, durationMs, isPlainObject, SnakepitError, toSnakepitError } from "@snakepit/core";
import { BridgeServiceService } from "../grpc.ts";
import { bridgeHandlers } from "../handlers/bridge-handlers.ts";
import { requireToken } from "../identity/bearer-token.ts";
import { bindToTcp } from "../listening/bind-to-tcp.ts";
import { checkListenOptions, isTcp } from "../listening/listen-options.ts";
import { publishSocket } from "../listening/publish-socket.ts";
import { removeDeadSocket } from "../listening/socket-place.ts";
import { withDecodedRequests } from "./decoded-requests.ts";
import { endAtClosing } from "./end-at-closing.ts";
import { Health } from "./health.ts";
import { addReflection } from "./reflection.ts";
import type { ServeBridgeOptions } from "./serve-options.ts";

const DEFAULT_GRACE_MS = 2_000;

/** The size limit of the rest of a message, such as names and metadata. */
const MESSAGE_MARGIN_BYTES = 1024 * 1024;

/** Interval of keepalive pings on TCP. They detect a client machine that has lost power. */
const KEEPALIVE_MS = 30_000;

/** Starts the server; see `serveBridge`, which loads this module on demand. */
export async function startBridgeServer(options: ServeBridgeOptions): Promise<BridgeServer> {
  const { host, listen } = options;
  checkListenOptions(listen);
  const closing = new AbortController();
  const server = new Server(serverOptions(options, closing.signal));
  server.addService(withDecodedRequests(BridgeServiceService), bridgeHandlers({ ...options, closing: closing.signal }));
  const health = new Health(host);
  health.addToServer(server);
  addReflection(server);
  const bound = await bind(server, listen);

  let closed: Promise<void> | undefined;
  const close = (graceMs: number = DEFAULT_GRACE_MS): Promise<void> => {
    if (!closing.signal.aborted) {
      // First, so that clients that watch the health are notified before their calls end.
      health.close();
      closing.abort();
    }
    closed ??= shutDown(server, bound, graceMs);
    return closed;
  };
  return {
    address: bound.address,
    setServing: (serving) => {
      if (!closing.signal.aborted) health.override(serving ? "SERVING" : "NOT_SERVING");
    },
    close: async (closeOptions) => await close(graceOf(closeOptions)),
    [Symbol.asyncDispose]: () => close(),
  };
}

function graceOf(options: Parameters<BridgeServer["close"]>[0] = {}): number {
  const isKnown = isPlainObject(options) && Object.keys(options).every((option) => option === "graceMs");
  const { graceMs = DEFAULT_GRACE_MS } = isKnown ? options : {};
  const ms = durationMs(graceMs);
  if (isKnown && ms !== undefined) return ms;
  const given = isKnown ? `graceMs: ${describeValue(graceMs)}` : describeValue(options);
  throw new SnakepitError(
    "INVALID_ARGUMENT",
    `the options of close() must be { graceMs }, in milliseconds or a string such as "5s"; got ${given}`,
  );
}

function serverOptions({ listen, maxPayloadBytes }: ServeBridgeOptions, closing: AbortSignal): ServerOptions {
  return {
    "grpc.max_receive_message_length": maxPayloadBytes + MESSAGE_MARGIN_BYTES,
    "grpc.max_send_message_length": -1,
    ...(isTcp(listen) && { "grpc.keepalive_time_ms": KEEPALIVE_MS }),
    interceptors: [...(listen.token === undefined ? [] : [requireToken(listen.token)]), endAtClosing(closing)],
  };
}

/** The address that a server listens on. */
interface Bound {
  /** The target for gRPC clients. */
  readonly address: string;
  /** Removes the socket from the file system. */
  remove(): void;
}

async function bind(server: Server, listen: BridgeListenOptions): Promise<Bound> {
  if (isTcp(listen)) return { address: await bindToTcp(server, listen), remove: () => {} };
  const { socketPath } = listen;
  const bindAsync = promisify(server.bindAsync.bind(server));
  try {
    await removeDeadSocket(socketPath);
    const { remove } = await publishSocket(socketPath, async (path) => {
      await bindAsync(`unix:${path}`, ServerCredentials.createInsecure());
    });
    return { address: `unix:${socketPath}`, remove };
  } catch (thrown) {
    server.forceShutdown();
    throw toSnakepitError(thrown, "INVALID_CONFIG", `cannot serve gRPC on ${socketPath}`);
  }
}

async function shutDown(server: Server, bound: Bound, graceMs: number): Promise<void> {
  const late = setTimeout(() => server.forceShutdown(), graceMs);
  const stopped = new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
  bound.remove();
  await stopped;
  clearTimeout(late);
}
