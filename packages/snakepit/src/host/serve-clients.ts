import { type BridgeHost, type BridgeListenOptions, type BridgeServer, partError, remainingMs } from "@snakepit/core";
import type { CallOptions, PoolChoice, ToolArguments } from "../calling/call-options.ts";
import { PACKAGE_VERSION } from "../package-version.ts";
import type { Host } from "./host.ts";

/** Runs the tools of workers. */
interface ToolRunner extends BridgeHost {
  execute(tool: string, args: ToolArguments, options: CallOptions & PoolChoice): Promise<unknown>;
}

/**
 * Starts a server for gRPC clients.
 *
 * @throws SnakepitError `INVALID_CONFIG`.
 */
export async function serveClients(host: Host, runner: ToolRunner, listen: BridgeListenOptions): Promise<BridgeServer> {
  const { maxPayloadBytes } = host.config;
  // Imports the modules of sessions, which are loaded during the start of a host and not with the package.
  const { hostOperations } = await import("../state/host-state.ts");
  const operations = hostOperations(host.state, (tool, args, { sessionId, deadline, signal }, pool) =>
    runner.execute(tool, args, { sessionId, pool, signal, timeoutMs: Math.max(1, remainingMs(deadline)) }),
  );
  const { serveBridge } = await loadGateway();
  return await serveBridge({ host: runner, operations, listen, version: PACKAGE_VERSION, maxPayloadBytes });
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
