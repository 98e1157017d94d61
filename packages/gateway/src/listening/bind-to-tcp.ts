import { lookup } from "node:dns/promises";
import { once } from "node:events";
import { BlockList, createServer, isIPv6 } from "node:net";
import { promisify } from "node:util";
import { type Server, ServerCredentials } from "@grpc/grpc-js";
import type { TcpListenOptions } from "@snakepit/core";
import { SnakepitError, toSnakepitError } from "@snakepit/core";
import { tlsCredentials } from "../identity/tls-identity.ts";

const DEFAULT_HOST = "127.0.0.1";

/** Loopback addresses, which only this machine can reach. */
const LOOPBACK = new BlockList();
LOOPBACK.addSubnet("127.0.0.0", 8, "ipv4");
LOOPBACK.addAddress("::1", "ipv6");

/**
 * Binds a gRPC server to a TCP port. When that fails, the server is shut down.
 *
 * @returns the target for gRPC clients, with the port that was bound.
 * @throws SnakepitError `INVALID_CONFIG` when the address is unavailable or requires TLS.
 */
export async function bindToTcp(server: Server, { host = DEFAULT_HOST, port, tls }: TcpListenOptions): Promise<string> {
  try {
    if (tls === undefined) await requireLoopback(host);
    const credentials = tls === undefined ? ServerCredentials.createInsecure() : tlsCredentials(tls);
    const bound = await bind(server, host, port, credentials);
    return target(host, bound);
  } catch (thrown) {
    server.forceShutdown();
    throw toSnakepitError(thrown, "INVALID_CONFIG", `cannot serve gRPC on ${target(host, port)}`);
  }
}

function target(host: string, port: number): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}

async function requireLoopback(host: string): Promise<void> {
  const addresses = await lookup(host, { all: true }).catch((thrown: unknown) => {
    throw new SnakepitError("INVALID_CONFIG", `cannot serve gRPC on ${host}: ${reasonOf(thrown)}`, { cause: thrown });
  });
  const reachable = addresses.find(({ address, family }) => !LOOPBACK.check(address, family === 6 ? "ipv6" : "ipv4"));
  if (reachable === undefined) return;
  const place = reachable.address === host ? host : `${host} (${reachable.address})`;
  throw new SnakepitError(
    "INVALID_CONFIG",
    `${place} requires TLS: other machines can reach it, and the token would be sent unencrypted; set tls: { cert, key }, or listen on ${DEFAULT_HOST}`,
  );
}

async function bind(server: Server, host: string, port: number, credentials: ServerCredentials): Promise<number> {
  await tryPort(host, port);
  return await promisify(server.bindAsync.bind(server))(`dns:${target(host, port)}`, credentials);
}

/**
 * Binds and releases the port, to get the cause of a failure: gRPC prints the failure to the terminal without the
 * cause.
 */
async function tryPort(host: string, port: number): Promise<void> {
  const probe = createServer();
  try {
    probe.listen({ host, port, exclusive: true });
    await once(probe, "listening");
    probe.close();
    await once(probe, "close");
  } catch (thrown) {
    throw new SnakepitError("INVALID_CONFIG", `cannot serve gRPC on ${target(host, port)}: ${reasonOf(thrown)}`, {
      cause: thrown,
    });
  }
}

function reasonOf(thrown: unknown): string {
  switch ((thrown as NodeJS.ErrnoException).code) {
    case "EADDRINUSE":
      return "the port is in use; choose another port, or 0 for any free port";
    case "EACCES":
      return "this user has no permission to listen on the port; choose a port from 1024 to 65535";
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `the name has no address; set an address of this machine, or omit host for ${DEFAULT_HOST}`;
    case "EADDRNOTAVAIL":
      return "this machine does not have the address; choose an address of this machine";
    default:
      return thrown instanceof Error ? thrown.message : String(thrown);
  }
}
