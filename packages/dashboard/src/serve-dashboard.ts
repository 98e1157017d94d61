import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer as createPlainServer, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import {
  type Dashboard,
  type DashboardOptions,
  type HostControl,
  invalidConfig,
  toSnakepitError,
} from "@snakepit/core";
import { type CheckedDashboardOptions, checkDashboardOptions } from "./dashboard-options.ts";
import type { CallRecorder } from "./recording/call-recorder.ts";
import { Access } from "./server/access.ts";
import { createDashboardApp } from "./server/dashboard-app.ts";
import { EventFeed } from "./server/event-feed.ts";
import { LiveFeed } from "./server/live-feed.ts";
import { Viewers } from "./server/viewers.ts";

/** A host that has a dashboard. */
export interface ObservedHost {
  readonly control: HostControl;
  /** Has been attached to the instrumentation of the host, so that it receives its calls. */
  readonly recorder: CallRecorder;
}

/**
 * Serves the dashboard of a host over HTTP: the page, the JSON that it reads, and its streams. Applications call
 * `pit.dashboard()` instead.
 *
 * @throws SnakepitError `INVALID_CONFIG` when an option is invalid or the address cannot be used.
 */
export async function serveDashboard(host: ObservedHost, options: DashboardOptions = {}): Promise<Dashboard> {
  const checked = checkDashboardOptions(options);
  const token = checked.token ?? randomBytes(32).toString("base64url");
  const secure = checked.tls !== undefined || checked.behindProxy === true;
  const access = new Access({ token, allowedHosts: checked.allowedHosts, secure });
  const viewers = new Viewers();
  const live = new LiveFeed(host.control, host.recorder, viewers);
  const events = new EventFeed(host.control, viewers);
  const app = createDashboardApp({ ...host, live, events, access, options: checked });
  const server = createServer(checked, getRequestListener(app.fetch, { overrideGlobalObjects: false }));
  try {
    await listen(server, checked);
  } catch (thrown) {
    live.close();
    events.close();
    throw thrown;
  }
  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= closeAll(server, viewers, live, events);
    return closing;
  };
  const { port } = server.address() as AddressInfo;
  const scheme = checked.tls === undefined ? "http" : "https";
  const url = `${scheme}://${nameFor(checked.hostname)}:${port}/#token=${encodeURIComponent(token)}`;
  return { url, token, close, [Symbol.asyncDispose]: close };
}

function createServer({ tls }: CheckedDashboardOptions, listener: ReturnType<typeof getRequestListener>): Server {
  const limits = { maxHeaderSize: 16_384, requestTimeout: 30_000, headersTimeout: 10_000 };
  if (tls === undefined) return createPlainServer(limits, listener);
  return createTlsServer({ ...limits, cert: Buffer.from(tls.cert), key: Buffer.from(tls.key) }, listener);
}

async function listen(server: Server, { hostname, port }: CheckedDashboardOptions): Promise<void> {
  server.listen(port, hostname);
  try {
    await once(server, "listening");
  } catch (thrown) {
    const { message } = toSnakepitError(thrown);
    const problem = `cannot be used on ${hostname}: ${message}`;
    const remedy = "set another port or hostname, or omit port for any free one";
    throw invalidConfig([{ path: "port", problem, remedy }], "the argument of dashboard()");
  }
}

/** Returns the name for a URL on this machine. */
function nameFor(hostname: string): string {
  if (hostname === "0.0.0.0" || hostname === "::") return "localhost";
  return hostname.includes(":") ? `[${hostname}]` : hostname;
}

async function closeAll(server: Server, viewers: Viewers, live: LiveFeed, events: EventFeed): Promise<void> {
  live.close();
  events.close();
  viewers.close();
  const closed = once(server, "close");
  server.close();
  // Streams have ended; what remains are idle connections, and requests without a reader.
  server.closeAllConnections();
  await closed;
}
