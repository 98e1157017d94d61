import { type BridgeHost, type BridgeListenOptions, type BridgeServer, partError, remainingMs } from "@snakepit/core";
import { PACKAGE_VERSION } from "../package-version.ts";
import { hostOperations } from "../state/host-state.ts";
import type { Host } from "./host.ts";

/**
 * Starts a gRPC server, which is closed with the host.
 *
 * @param bridge executes the tools.
 */
export async function serveClients(host: Host, bridge: BridgeHost, listen: BridgeListenOptions): Promise<BridgeServer> {
  const operations = hostOperations(host.state, (tool, args, { sessionId, deadline, signal }, pool) =>
    bridge.execute(tool, args, { sessionId, pool, signal, timeoutMs: Math.max(1, remainingMs(deadline)) }),
  );
  const { serveBridge } = await loadGateway();
  const { maxPayloadBytes } = host.config;
  const server = await serveBridge({ host: bridge, operations, listen, version: PACKAGE_VERSION, maxPayloadBytes });
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
