import { lookup } from "node:dns/promises";
import { once } from "node:events";
import { BlockList, createServer, isIPv6 } from "node:net";
import { promisify } from "node:util";
import { type Server, ServerCredentials } from "@grpc/grpc-js";
import { SnakepitError, toSnakepitError } from "@snakepit/core";
import { tlsCredentials } from "../identity/tls-identity.ts";
import type { TcpListenOptions } from "./listen-options.ts";

const DEFAULT_HOST = "127.0.0.1";

/** Addresses that only this machine can reach. */
const LOOPBACK = new BlockList();
LOOPBACK.addSubnet("127.0.0.0", 8, "ipv4");
LOOPBACK.addAddress("::1", "ipv6");

/**
 * Binds a gRPC server to a TCP port; shuts the server down when that fails.
 *
 * @returns the target for gRPC clients, with the port that was bound.
 * @throws SnakepitError `INVALID_CONFIG` when it cannot listen there, or when the address requires TLS.
 */
export async function bindToTcp(server: Server, { host = DEFAULT_HOST, port, tls }: TcpListenOptions): Promise<string> {
  try {
    if (tls === undefined) await refuseUnlessLoopback(host);
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

async function refuseUnlessLoopback(host: string): Promise<void> {
  const addresses = await lookup(host, { all: true }).catch((thrown: unknown) => {
    throw new SnakepitError("INVALID_CONFIG", `cannot serve gRPC on ${host}: ${reasonOf(thrown)}`, { cause: thrown });
  });
  const reachable = addresses.find(({ address, family }) => !LOOPBACK.check(address, family === 6 ? "ipv6" : "ipv4"));
  if (reachable === undefined) return;
  throw new SnakepitError(
    "INVALID_CONFIG",
    `other machines reach ${host} (${reachable.address}), and without TLS everybody between reads the token; give tls: { cert, key }, or listen on ${DEFAULT_HOST}`,
  );
}

async function bind(server: Server, host: string, port: number, credentials: ServerCredentials): Promise<number> {
  await tryPort(host, port);
  return await promisify(server.bindAsync.bind(server))(`dns:${target(host, port)}`, credentials);
}

/** Binds the port for a moment: gRPC would print a failure to the terminal, without the reason. */
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
      return "another program listens on this port; choose another one, or 0 for any that is free";
    case "EACCES":
      return "this user may not listen on this port; choose one from 1024 on";
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `no address is known for this name; give an address of this machine, or leave host out for ${DEFAULT_HOST}`;
    case "EADDRNOTAVAIL":
      return "this machine does not have this address; choose one of its own";
    default:
      return thrown instanceof Error ? thrown.message : String(thrown);
  }
}
