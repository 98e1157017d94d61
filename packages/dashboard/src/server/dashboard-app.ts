import { type HostControl, SnakepitError } from "@snakepit/core";
import { type Context, Hono } from "hono";
import type { SessionInfo } from "../contract/live.ts";
import type { CheckedDashboardOptions } from "../dashboard-options.ts";
import type { CallRecorder } from "../recording/call-recorder.ts";
import type { Access } from "./access.ts";
import type { EventFeed } from "./event-feed.ts";
import { type LiveFeed, topicsOf } from "./live-feed.ts";
import { pageAsset } from "./page-assets.ts";
import { addProbes } from "./probes.ts";
import { failureResponse, numberOf, problemResponse, unauthenticated } from "./problems.ts";
import { announcesMore, bodyText } from "./request-body.ts";
import { EVENT_STREAM, NOT_STORED, SECURITY_HEADERS } from "./response-headers.ts";

/** No request needs more: a login has a token, an action nothing. */
const MOST_BODY_BYTES = 8_192;

/** The longest grace period of an action, in milliseconds. */
const MOST_GRACE_MS = 24 * 3_600_000;

/** What the routes use. */
export interface DashboardParts {
  readonly control: HostControl;
  readonly recorder: CallRecorder;
  readonly live: LiveFeed;
  readonly events: EventFeed;
  readonly access: Access;
  readonly options: CheckedDashboardOptions;
}

/** Creates the routes of the dashboard. Order matters: nothing is answered before the host and the site are checked. */
export function createDashboardApp(parts: DashboardParts): Hono {
  const { access } = parts;
  const app = new Hono();
  app.onError((thrown) => withSecurityHeaders(failureResponse(thrown)));
  app.notFound(({ req }) =>
    withSecurityHeaders(problemResponse(404, "NOT_FOUND", `unknown address ${JSON.stringify(req.path)}`)),
  );
  app.use(async (context, next) => {
    const request = context.req.raw;
    const response = withSecurityHeaders(rejectionOf(request, access) ?? (await answerOf(context, next)));
    context.res = request.method === "HEAD" ? await withoutBody(response) : response;
    return context.res;
  });
  app.use(async (context, next) => {
    if (announcesMore(context.req.raw, MOST_BODY_BYTES)) return tooLarge();
    await next();
    return undefined;
  });
  addProbes(app, access, parts.options);
  addLogin(app, access);
  app.use("/api/*", async (context, next) => {
    if (!access.isAuthenticated(context.req.raw)) return unauthenticated();
    await next();
    return undefined;
  });
  addReadings(app, parts);
  addStreams(app, parts);
  addActions(app, parts);
  app.get("*", async (context) => (await pageAsset(context.req.path, context.req.raw)) ?? context.notFound());
  return app;
}

async function answerOf(context: Context, next: () => Promise<void>): Promise<Response> {
  await next();
  return context.res;
}

/** Returns the response to a request that must not be answered. */
function rejectionOf(request: Request, access: Access): Response | undefined {
  if (!access.isKnownHost(request)) {
    const remedy = "add it to allowedHosts, or use the IP address";
    return problemResponse(421, "UNKNOWN_HOST", `this dashboard has another host name; ${remedy}`);
  }
  switch (request.method) {
    case "GET":
    case "HEAD":
      // A link on another site may open the page, which contains no data.
      if (access.isSameOrigin(request) || isNavigation(request)) return undefined;
      break;
    case "POST":
      if (access.mayAct(request)) return undefined;
      break;
    default:
      return problemResponse(405, "METHOD_NOT_ALLOWED", `${request.method} is not supported; use GET or POST`);
  }
  return problemResponse(403, "CROSS_SITE", "requests of other sites are rejected; open the dashboard itself");
}

function isNavigation(request: Request): boolean {
  return request.headers.get("sec-fetch-mode") === "navigate" && new URL(request.url).pathname === "/";
}

/** Returns the response to HEAD. The body is that of GET, which may be a stream that no one would read. */
async function withoutBody({ body, status, headers }: Response): Promise<Response> {
  await body?.cancel();
  return new Response(null, { status, headers });
}

function withSecurityHeaders(response: Response): Response {
  const headers = new Headers(response.headers);
  for (const [name, value] of Object.entries(SECURITY_HEADERS)) headers.set(name, value);
  return new Response(response.body, { status: response.status, headers });
}

function tooLarge(): Response {
  return problemResponse(413, "PAYLOAD_TOO_LARGE", `a request has at most ${MOST_BODY_BYTES} bytes`);
}

function addLogin(app: Hono, access: Access): void {
  app.post("/api/login", async (context) => {
    const text = await bodyText(context.req.raw, MOST_BODY_BYTES);
    if (text === undefined) return tooLarge();
    const body = parsed(text);
    const token = typeof body === "object" && body !== null && "token" in body ? body.token : undefined;
    if (typeof token !== "string" || !access.isToken(token)) {
      return problemResponse(401, "UNAUTHENTICATED", "the token is invalid; use the one that the host has printed");
    }
    return new Response(null, { status: 204, headers: { ...NOT_STORED, "set-cookie": access.loginCookie() } });
  });
  app.post("/api/logout", () => {
    return new Response(null, { status: 204, headers: { ...NOT_STORED, "set-cookie": access.logoutCookie() } });
  });
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function addReadings(app: Hono, { control, recorder, options }: DashboardParts): void {
  const { actions, health, metrics } = options;
  const info: SessionInfo = { actions, health: health !== undefined, metrics: metrics !== undefined };
  app.get("/api/session", () => data(info));
  app.get("/api/host", () => data(control.host));
  app.get("/api/inspection", async ({ req }) => data(await control.inspect({ pool: req.query("pool") })));
  app.get("/api/workers", async ({ req }) => data(await control.workers({ pool: req.query("pool") })));
  app.get("/api/history", async ({ req }) => {
    const pool = req.query("pool");
    // Only the host knows pools without calls; it rejects unknown names.
    if (pool !== undefined) await control.inspect({ pool });
    return data(recorder.history(pool));
  });
  app.get("/api/calls", () => data(recorder.calls()));
  app.get("/api/calls/:id", ({ req }) => {
    const call = recorder.call(req.param("id"));
    if (call !== undefined) return data(call);
    const remedy = "only recent and slow calls are kept";
    return problemResponse(404, "UNKNOWN_CALL", `no call ${JSON.stringify(req.param("id"))} is kept; ${remedy}`);
  });
  app.get("/api/errors", () => data(recorder.errors()));
  app.get("/api/sessions", async ({ req }) => {
    const limit = numberOf("limit", req.query("limit"), 1_000);
    return data(await control.sessions({ after: req.query("after"), limit }));
  });
  app.get("/api/sessions/:id", async ({ req }) => data(await control.session(req.param("id"))));
  app.get("/api/programs", async () => data(await control.programs()));
  app.get("/api/configuration", async () => data(await control.configuration()));
}

function addStreams(app: Hono, { live, events }: DashboardParts): void {
  app.get("/api/live", ({ req }) => {
    return new Response(live.subscribe(topicsOf(req.query("topics"))), { headers: EVENT_STREAM });
  });
  app.get("/api/events", ({ req }) => {
    const names = req.query("names")?.split(",").filter(Boolean);
    const stream = events.subscribe({
      ...(names !== undefined && names.length > 0 && { names }),
      pool: req.query("pool"),
      workerId: req.query("workerId"),
      correlationId: req.query("correlationId"),
    });
    return new Response(stream, { headers: EVENT_STREAM });
  });
}

function addActions(app: Hono, { control, options: { actions } }: DashboardParts): void {
  const act = (name: string, run: (workerId: string, graceMs: number | undefined) => Promise<unknown>) =>
    app.post(`/api/workers/:id/${name}`, async ({ req }) => {
      if (!actions)
        throw new SnakepitError("INVALID_ARGUMENT", "this dashboard only shows; start it with actions: true");
      return data((await run(req.param("id"), numberOf("graceMs", req.query("graceMs"), MOST_GRACE_MS))) ?? {});
    });
  act("recycle", (workerId, graceMs) => control.recycle(workerId, { graceMs }));
  act("drain", (workerId, graceMs) => control.drain(workerId, { graceMs }));
  act("stacks", (workerId) => control.stacks(workerId));
}

function data(value: unknown): Response {
  return Response.json(value, { headers: NOT_STORED });
}
