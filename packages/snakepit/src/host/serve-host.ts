import { type BridgeHost, type BridgeListenOptions, type BridgeServer, partError, remainingMs } from "@snakepit/core";
import { PACKAGE_VERSION } from "../package-version.ts";
import { hostOperations } from "../state/host-state.ts";
import type { Host } from "./host.ts";

/** Serves a host to gRPC clients; see `Snakepit.serve`, which loads this module on demand. */
export async function serveHost(
  host: Host,
  pit: Omit<BridgeHost, "onHealthChange">,
  listen: BridgeListenOptions,
): Promise<BridgeServer> {
  const { maxPayloadBytes } = host.config;
  const operations = hostOperations(host.state, (tool, args, { sessionId, deadline, signal }, pool) =>
    pit.execute(tool, args, { sessionId, pool, signal, timeoutMs: Math.max(1, remainingMs(deadline)) }),
  );
  const served: BridgeHost = {
    runId: host.runId,
    tools: (pool) => pit.tools(pool),
    execute: (tool, args, options) => pit.execute(tool, args, options),
    stream: (tool, args, options) => pit.stream(tool, args, options),
    health: (options) => pit.health(options),
    onHealthChange: (listener) => host.health.onHealthChange(listener),
  };
  const { serveBridge } = await loadGateway();
  const server = await serveBridge({ host: served, operations, listen, version: PACKAGE_VERSION, maxPayloadBytes });
  await host.adopt(server);
  return server;
}

/** Loads an optional package: only hosts that serve clients need it. */
async function loadGateway(): Promise<typeof import("@snakepit/gateway")> {
  // Bundlers accept that the package is missing only inside of a try statement.
  try {
    return await import("@snakepit/gateway");
  } catch (thrown) {
    throw partError("the gRPC server", thrown, "@snakepit/gateway");
  }
}
