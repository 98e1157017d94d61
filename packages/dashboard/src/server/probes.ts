import { mustBe, type RequestHandler, SnakepitError, toSnakepitError } from "@snakepit/core";
import type { Hono } from "hono";
import type { CheckedDashboardOptions } from "../dashboard-options.ts";
import type { Access } from "./access.ts";
import { failureResponse, problemResponse, unauthenticated } from "./problems.ts";

/** Adds the addresses for probes and Prometheus, if the host has handlers for them. Probes send no token. */
export function addProbes(app: Hono, access: Access, { health, metrics }: CheckedDashboardOptions): void {
  if (health !== undefined) {
    const answer = answering("health", health, access);
    for (const path of ["/livez", "/readyz"]) app.get(path, ({ req }) => answer(req.raw));
    app.get("/healthz", ({ req }) => (access.isAuthenticated(req.raw) ? answer(req.raw) : unauthenticated()));
  }
  if (metrics !== undefined) {
    const answer = answering("metrics", metrics, access);
    app.get("/metrics", ({ req }) => (access.isAuthenticated(req.raw) ? answer(req.raw) : unauthenticated()));
  }
}

/** Returns a handler that answers failures of a function of the application, and logs each of them once. */
function answering(name: "health" | "metrics", handler: RequestHandler, access: Access): RequestHandler {
  let logged: string | undefined;
  return async (request) => {
    try {
      const response = await completeResponse(name, await handler(request));
      logged = undefined;
      return response;
    } catch (thrown) {
      const failed = `the function ${name} of this dashboard has failed`;
      const [reason] = toSnakepitError(thrown).message.split("\n", 1);
      // Probes repeat every few seconds.
      if (reason !== logged) process.emitWarning(`${failed}: ${reason}`, "SnakepitWarning");
      logged = reason;
      if (access.isAuthenticated(request)) return failureResponse(thrown);
      return problemResponse(500, "INTERNAL", `${failed}; send the token to read why`);
    }
  };
}

/** Returns a response whose body has been read, because a body can fail as well. */
async function completeResponse(name: string, result: unknown): Promise<Response> {
  if (!isResponse(result)) {
    const message = mustBe(`the result of ${name}()`, "a Response", result, "write for example new Response(text)");
    throw new SnakepitError("INTERNAL", message);
  }
  const { body, status, headers } = result;
  return new Response(body && (await new Response(body).arrayBuffer()), { status, headers });
}

/** Whether a value is a response of any implementation. */
function isResponse(value: unknown): value is Response {
  if (typeof value !== "object" || value === null) return false;
  const { status, headers } = value as Partial<Response>;
  return typeof status === "number" && typeof headers?.entries === "function";
}
