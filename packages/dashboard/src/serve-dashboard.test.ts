import { once } from "node:events";
import { request } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { type Dashboard, SnakepitError } from "@snakepit/core";
import { afterEach, describe, expect, test } from "vitest";
import { assets } from "#page";
import { CallRecorder } from "./recording/call-recorder.ts";
import { serveDashboard } from "./serve-dashboard.ts";
import { FakeControl } from "./testing/fake-control.ts";
import { pythonError, recordCall } from "./testing/recorded-calls.ts";

const TOKEN = "correct-horse-battery-staple-0123456789";

let opened: Dashboard[] = [];
afterEach(async () => {
  await Promise.all(opened.map((dashboard) => dashboard.close()));
  opened = [];
});

async function open(options: Parameters<typeof serveDashboard>[1] = {}) {
  const control = new FakeControl();
  const recorder = new CallRecorder();
  const dashboard = await serveDashboard({ control, recorder }, { token: TOKEN, ...options });
  opened.push(dashboard);
  const origin = new URL(dashboard.url).origin;
  const get = (path: string, headers: Record<string, string> = { authorization: `Bearer ${TOKEN}` }) =>
    fetch(origin + path, { headers });
  const post = (path: string, headers: Record<string, string> = {}, body: unknown = {}) =>
    fetch(origin + path, {
      method: "POST",
      headers: { authorization: `Bearer ${TOKEN}`, ...headers },
      body: JSON.stringify(body),
    });
  return { control, recorder, dashboard, origin, get, post };
}

/** Reads server-sent events until one has the name. */
async function firstEvent(response: Response, name: string, accept: (data: unknown) => boolean = () => true) {
  let received = "";
  for await (const part of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    received += part;
    const events = received.split("\n\n").slice(0, -1);
    for (const event of events) {
      const [, data] = new RegExp(`^event: ${name}\ndata: (.*)$`).exec(event) ?? [];
      if (data !== undefined && accept(JSON.parse(data))) return JSON.parse(data);
    }
  }
  throw new Error(`the stream ended without the event ${name}`);
}

/** `fetch` cannot set the host of a request. */
async function statusFor(origin: string, headers: Record<string, string>, method = "GET", path = "/api/host") {
  const sent = request(origin + path, { method, headers: { authorization: `Bearer ${TOKEN}`, ...headers } });
  sent.end();
  const [response] = await once(sent, "response");
  response.resume();
  return response.statusCode as number;
}

/** Sends a request with these header lines and body, as `curl -X POST` does, which states no length. */
async function posted(origin: string, path: string, headers = "", body = ""): Promise<string> {
  const { hostname, port, host } = new URL(origin);
  const socket = connect(Number(port), hostname);
  socket.write(`POST ${path} HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer ${TOKEN}\r\nconnection: close\r\n`);
  socket.write(`${headers}\r\n${body}`);
  return await text(socket);
}

/** A body in chunks, whose length is not known in advance. */
function chunked(body: string): readonly [headers: string, body: string] {
  return ["transfer-encoding: chunked\r\n", `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`];
}

describe("access", () => {
  test("the page is public and contains no data; everything else needs the token", async () => {
    const { get } = await open();
    expect((await get("/", {})).status).toBe(200);
    for (const path of [
      "host",
      "session",
      "inspection",
      "workers",
      "calls",
      "errors",
      "configuration",
      "live",
      "events",
    ]) {
      const response = await get(`/api/${path}`, {});
      expect([path, response.status]).toEqual([path, 401]);
      expect(await response.json()).toMatchObject({ error: { code: "UNAUTHENTICATED" } });
    }
    expect((await get("/api/host", { authorization: "Bearer wrong" })).status).toBe(401);
    expect((await get("/api/host")).status).toBe(200);
  });

  test("a login sets a cookie that scripts and other sites cannot use", async () => {
    const { origin, get } = await open();
    const login = (token: unknown) =>
      fetch(`${origin}/api/login`, { method: "POST", headers: { origin }, body: JSON.stringify({ token }) });
    for (const wrong of ["", "wrong", TOKEN.slice(1), 7, null]) expect((await login(wrong)).status).toBe(401);
    const response = await login(TOKEN);
    const cookie = response.headers.get("set-cookie") ?? "";
    expect(cookie).toMatch(/^snakepit-\w+=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/);
    expect(cookie).not.toContain(TOKEN);
    const [pair = ""] = cookie.split(";");
    expect((await get("/api/host", { cookie: `other=1; ${pair}` })).status).toBe(200);
    expect((await get("/api/host", { cookie: `${pair}x` })).status).toBe(401);
  });

  test("rejects host names that DNS could make refer to it, unless they are allowed", async () => {
    const { origin } = await open({ allowedHosts: ["Pit.example.com"] });
    expect(await statusFor(origin, { host: "evil.example:80" })).toBe(421);
    expect(await statusFor(origin, { host: "127.0.0.1.evil.example" })).toBe(421);
    expect(await statusFor(origin, { host: "pit.example.com" })).toBe(200);
    expect(await statusFor(origin, { host: "localhost:1" })).toBe(200);
    expect(await statusFor(origin, { host: "[::1]:1" })).toBe(200);
  });

  test("rejects requests of other sites", async () => {
    const { control, origin } = await open();
    const recycle = "/api/workers/ml-1/recycle";
    expect(await statusFor(origin, { "sec-fetch-site": "cross-site" })).toBe(403);
    expect(await statusFor(origin, { "sec-fetch-site": "same-site" })).toBe(403);
    expect(await statusFor(origin, { origin: "https://evil.example" }, "POST", recycle)).toBe(403);
    expect(await statusFor(origin, { origin: "null" }, "POST", recycle)).toBe(403);
    expect(control.actions).toEqual([]);
    expect(await statusFor(origin, { origin }, "POST", recycle)).toBe(200);
  });

  test("a cookie alone cannot act: browsers that send no origin are rejected", async () => {
    const { control, origin } = await open();
    const response = await fetch(`${origin}/api/login`, {
      ...{ method: "POST", headers: { origin }, body: JSON.stringify({ token: TOKEN }) },
    });
    const [cookie = ""] = (response.headers.get("set-cookie") ?? "").split(";");
    const act = (headers: Record<string, string>) =>
      fetch(`${origin}/api/workers/ml-1/recycle`, { method: "POST", headers });
    expect((await act({ cookie })).status).toBe(403);
    expect(control.actions).toEqual([]);
    expect((await act({ cookie, origin })).status).toBe(200);
  });

  test("only GET and POST exist, actions need POST, and bodies are bounded", async () => {
    const { origin, get, post } = await open();
    expect(await statusFor(origin, {}, "DELETE")).toBe(405);
    expect(await statusFor(origin, {}, "PUT")).toBe(405);
    expect((await get("/api/workers/ml-1/recycle")).status).toBe(404);
    expect((await post("/api/login", {}, { token: "x".repeat(100_000) })).status).toBe(413);
  });

  test("a request that does not state the length of its body is answered, and its body is bounded", async () => {
    const { control, origin } = await open();
    expect(await posted(origin, "/api/workers/ml-1/recycle?graceMs=5000")).toMatch(/^HTTP\/1.1 200/);
    expect(await posted(origin, "/api/workers/ml-2/drain", ...chunked("{}"))).toMatch(/^HTTP\/1.1 200/);
    expect(control.actions).toHaveLength(2);
    const login = (token: string) => posted(origin, "/api/login", ...chunked(JSON.stringify({ token })));
    expect(await login(TOKEN)).toMatch(/^HTTP\/1.1 204/);
    expect(await login("wrong")).toMatch(/^HTTP\/1.1 401/);
    expect(await login("x".repeat(10_000))).toMatch(/^HTTP\/1.1 413/);
  });

  test("an unknown address is named", async () => {
    const { get } = await open();
    const response = await get("/api/wrkers");
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ error: { message: 'unknown address "/api/wrkers"' } });
  });

  test("every response has the security headers, and data is not stored", async () => {
    const { get } = await open();
    for (const path of ["/", "/api/host", "/api/unknown", "/unknown"]) {
      const { headers } = await get(path);
      const policy = headers.get("content-security-policy") ?? "";
      expect(policy).toContain("default-src 'none'");
      expect(policy).not.toMatch(/unsafe|https?:|\*/);
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("x-frame-options")).toBe("DENY");
      expect(headers.get("referrer-policy")).toBe("no-referrer");
    }
    expect((await get("/api/host")).headers.get("cache-control")).toBe("no-store");
  });

  test("without the option actions, nothing can be changed", async () => {
    const { control, post } = await open({ actions: false });
    expect((await post("/api/workers/ml-1/recycle")).status).toBe(400);
    expect(control.actions).toEqual([]);
  });
});

describe("the page", () => {
  test("is at most 150 kB in gzip, without inline scripts and styles, and loads nothing from elsewhere", () => {
    const bytes = Object.values(assets).reduce((sum, { body }) => sum + gzipSync(body).byteLength, 0);
    expect(bytes).toBeLessThan(150_000);
    const { body = "" } = assets["/"] ?? {};
    expect(body).not.toMatch(/<script(?![^>]* src=)|<style|style=|https?:/);
    const paths = [...body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path ?? "");
    expect(paths).toHaveLength(3);
    for (const path of paths) expect(Object.keys(assets)).toContain(path);
  });

  test("its files may be stored forever, because their names change with their contents", async () => {
    const { get } = await open();
    for (const path of Object.keys(assets).filter((each) => each !== "/")) {
      const response = await get(path, { "accept-encoding": "gzip" });
      expect(response.headers.get("cache-control")).toContain("immutable");
      expect(response.headers.get("content-encoding")).toBe("gzip");
      expect(await response.text()).toBe(assets[path]?.body);
    }
    expect((await get("/", {})).headers.get("cache-control")).toBe("no-cache");
    expect((await get("/__proto__")).status).toBe(404);
  });
});

describe("data", () => {
  test("returns what the host reports", async () => {
    const { get } = await open();
    const read = async (path: string) => (await get(path)).json();
    expect(await read("/api/host")).toMatchObject({ hostname: "build-7" });
    expect(await read("/api/session")).toEqual({ actions: true, health: false, metrics: false });
    expect(await read("/api/inspection")).toMatchObject({ pools: [{ name: "ml" }] });
    expect(await read("/api/workers")).toMatchObject([{ id: "ml-1" }, { id: "ml-2" }]);
    expect(await read("/api/sessions?limit=10")).toMatchObject([{ id: "user/42" }]);
    expect(await read("/api/sessions/user%2F42")).toMatchObject({ variables: [{ name: "temperature" }] });
    expect(await read("/api/programs")).toMatchObject([{ id: "pipeline" }]);
    expect(await read("/api/configuration")).toMatchObject({ pools: { ml: { token: "***" } } });
  });

  test("returns calls, their phases and their errors", async () => {
    const { recorder, get } = await open();
    const failed = recordCall(recorder, { error: pythonError() });
    expect(await (await get("/api/calls")).json()).toMatchObject({ recent: [{ correlationId: failed }] });
    expect(await (await get(`/api/calls/${failed}`)).json()).toMatchObject({ error: { pythonType: "ValueError" } });
    expect((await get("/api/calls/unknown")).status).toBe(404);
    expect(await (await get("/api/errors")).json()).toMatchObject([{ traceback: expect.stringContaining("tools.py") }]);
    expect(await (await get("/api/history?pool=ml")).json()).toHaveProperty("p99");
  });

  test("errors of the host have its code and a fitting status", async () => {
    const { control, get, post } = await open();
    expect((await get("/api/sessions/unknown")).status).toBe(404);
    expect((await get("/api/sessions?limit=0")).status).toBe(400);
    expect((await get("/api/history?pool=mll")).status).toBe(404);
    expect((await get("/api/live?topics=worker")).status).toBe(400);
    expect((await post("/api/workers/unknown/recycle")).status).toBe(400);
    control.inspectionError = new SnakepitError("SHUTTING_DOWN", "the host is closing");
    const response = await get("/api/inspection");
    expect(response.status).toBe(503);
    expect(await response.json()).toEqual({ error: { code: "SHUTTING_DOWN", message: "the host is closing" } });
  });

  test("recycles, drains and reads stacks", async () => {
    const { control, post } = await open();
    expect(await (await post("/api/workers/ml-1/recycle?graceMs=5000")).json()).toEqual({ replacementId: "ml-3" });
    expect((await post("/api/workers/ml-2/drain")).status).toBe(200);
    expect(await (await post("/api/workers/ml-2/stacks")).json()).toMatchObject({ source: "interpreter" });
    expect(control.actions).toEqual(["recycle ml-1 5000", "drain ml-2", "stacks ml-2"]);
    expect((await post("/api/workers/ml-1/recycle?graceMs=soon")).status).toBe(400);
  });

  test("passes probes and scrapes to the handlers of the host; probes need no token", async () => {
    const handler = async (request: Request) => new Response(new URL(request.url).pathname);
    const { get } = await open({ health: handler, metrics: handler });
    for (const path of ["/livez", "/readyz"]) expect(await (await get(path, {})).text()).toBe(path);
    for (const path of ["/healthz", "/metrics"]) {
      expect((await get(path, {})).status).toBe(401);
      expect(await (await get(path)).text()).toBe(path);
    }
    expect((await (await open()).get("/livez")).status).toBe(404);
  });
});

describe("a function of the application that fails", () => {
  const fail = () => Promise.reject(new Error("no file /srv/secret"));

  test("is described only to users with the token", async () => {
    const { get } = await open({ health: fail, metrics: fail });
    const probe = await get("/livez", {});
    expect(probe.status).toBe(500);
    expect(await probe.text()).not.toContain("/srv/secret");
    for (const path of ["/livez", "/metrics"]) expect(await (await get(path)).text()).toContain("/srv/secret");
  });

  test.each([undefined, 200, { status: 200, headers: {}, body: "ok" }])(
    "with the result %j is described",
    async (result) => {
      const { get } = await open({ health: async () => result as never });
      const response = await get("/livez");
      expect(response.status).toBe(500);
      expect(await response.json()).toMatchObject({
        error: { message: expect.stringMatching(/^the result of health\(\) must be a Response; got .*; write/) },
      });
    },
  );
});

describe("streams", () => {
  test("a viewer receives the topics of its view at once, and then again", async () => {
    const { recorder, get } = await open();
    const first = await firstEvent(await get("/api/live?topics=workers,errors"), "live");
    expect(Object.keys(first)).toEqual(["at", "workers", "errors"]);
    const response = await get("/api/live");
    // Only the message after the second of the call counts it: the viewer must have come before.
    recordCall(recorder, { error: pythonError() });
    const counted = (data: unknown) =>
      (data as { overview: { traffic: { last: { calls: number } } } }).overview.traffic.last.calls;
    const later = await firstEvent(response, "live", (data) => counted(data) > 0);
    expect(later.overview.errors).toEqual({ groups: 1, count: 1 });
  });

  test("a host that cannot report its state is a problem, and the stream continues", async () => {
    const { control, get } = await open();
    control.inspectionError = new SnakepitError("INTERNAL", "no statistics");
    const response = await get("/api/live");
    expect(await firstEvent(response.clone(), "problem")).toMatchObject({ error: { message: "no statistics" } });
    control.inspectionError = undefined;
    expect(await firstEvent(response, "live")).toHaveProperty("overview");
  });

  test("a viewer receives events, also earlier ones that match its filter", async () => {
    const { control, get } = await open();
    await expect.poll(() => control.subscriptions).toBe(1);
    control.emit("worker.ready", { pool: "ml", workerId: "ml-1" });
    control.emit("pool.degraded", { pool: "io" });
    await new Promise(setImmediate);
    const earlier = await firstEvent(await get("/api/events?names=worker.*&pool=ml"), "events");
    expect(earlier).toMatchObject([{ name: "worker.ready" }]);
    const response = await get("/api/events");
    await expect.poll(() => control.subscriptions).toBeGreaterThan(1);
    for (let count = 0; count < 500; count += 1) control.emit("worker.ready", { workerId: `ml-${count}` });
    const isBatch = (data: unknown) =>
      (data as { fields?: { workerId?: string } }[]).some(({ fields }) => fields?.workerId === "ml-99");
    const batch = await firstEvent(response, "events", isBatch);
    expect(batch).toHaveLength(101);
    expect(batch.at(-1)).toMatchObject({ is: "dropped", count: 400 });
  });

  test("a viewer that leaves ends its subscription", async () => {
    const { control, get } = await open();
    const response = await get("/api/events");
    await expect.poll(() => control.subscriptions).toBe(2);
    await response.body?.cancel();
    // A server notices a closed connection when it sends.
    await expect
      .poll(() => {
        control.emit("worker.ready", {});
        return control.subscriptions;
      })
      .toBe(1);
  });

  test("a HEAD request leaves no viewer behind", async () => {
    const { control, origin } = await open();
    for (const path of ["/api/live", "/api/events"]) {
      for (let sent = 0; sent < 101; sent += 1) expect(await statusFor(origin, {}, "HEAD", path)).toBe(200);
    }
    await expect.poll(() => control.subscriptions).toBe(1);
  });

  test("names with many wildcards do not block the host", async () => {
    const { get } = await open();
    const response = await get(`/api/events?names=${"*".repeat(2_000)}x`);
    expect(await firstEvent(response, "events")).toEqual([]);
    await response.body?.cancel();
  });

  test("their number is limited", async () => {
    const { get } = await open();
    const responses = await Promise.all(Array.from({ length: 101 }, () => get("/api/live?topics=calls")));
    expect(responses.filter(({ status }) => status === 429)).toHaveLength(1);
    await Promise.all(responses.map((response) => response.body?.cancel()));
  });
});

describe("closing", () => {
  test("ends all streams and connections, also when it is called twice", async () => {
    const { control, dashboard, get } = await open();
    const [live, events] = await Promise.all([get("/api/live"), get("/api/events")]);
    await Promise.all([dashboard.close(), dashboard.close()]);
    await Promise.allSettled([live.text(), events.text()]);
    await expect.poll(() => control.subscriptions).toBe(0);
    await expect(get("/api/host")).rejects.toThrow();
  });

  test("a port in use is an invalid option", async () => {
    const { origin } = await open();
    const port = Number(new URL(origin).port);
    await expect(open({ port })).rejects.toMatchObject({ code: "INVALID_CONFIG", message: /port .*in use.*; set/ });
  });
});
