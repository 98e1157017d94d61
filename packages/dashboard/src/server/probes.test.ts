import { once } from "node:events";
import { Hono } from "hono";
import { afterEach, expect, test, vi } from "vitest";
import { checkDashboardOptions } from "../dashboard-options.ts";
import { Access } from "./access.ts";
import { addProbes } from "./probes.ts";

const TOKEN = "correct-horse-battery-staple-0123456789";
const WITH_TOKEN = { headers: { authorization: `Bearer ${TOKEN}` } };

afterEach(() => {
  vi.restoreAllMocks();
});

function probing(health: () => Promise<Response>) {
  const app = new Hono();
  const access = new Access({ token: TOKEN, allowedHosts: [], secure: false });
  addProbes(app, access, checkDashboardOptions({ health }));
  return app;
}

/** Returns a response whose body fails after its first part. */
function failingBody(message: string): Response {
  let parts = 0;
  const pull = (controller: ReadableStreamDefaultController) => {
    if (parts === 0) controller.enqueue(new TextEncoder().encode("o"));
    else controller.error(new Error(message));
    parts += 1;
  };
  return new Response(new ReadableStream({ pull }));
}

test("a body that fails is a failure of its function, which is logged in one line", async () => {
  const app = probing(async () => failingBody("no file /srv/secret\n    at read"));
  const warned = once(process, "warning");
  const probe = await app.request("/livez");
  expect(probe.status).toBe(500);
  expect(await probe.text()).not.toContain("/srv/secret");
  const [{ name, message }] = await warned;
  expect([name, message]).toEqual([
    "SnakepitWarning",
    "the function health of this dashboard has failed: no file /srv/secret",
  ]);
  expect(await (await app.request("/healthz", WITH_TOKEN)).text()).toContain("/srv/secret");
});

test("the same failure is logged again only after a success", async () => {
  const warned = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
  let isFailing = true;
  const app = probing(async () => {
    if (isFailing) throw new Error("no database");
    return new Response("ok");
  });
  for (let sent = 0; sent < 3; sent += 1) await app.request("/livez");
  expect(warned).toHaveBeenCalledTimes(1);
  isFailing = false;
  expect(await (await app.request("/livez")).text()).toBe("ok");
  isFailing = true;
  await app.request("/livez");
  expect(warned).toHaveBeenCalledTimes(2);
});

test("status and headers of a response are kept, and it may have no body", async () => {
  const headers = { "content-type": "text/x-state", "retry-after": "5" };
  const app = probing(async () => new Response("starting", { status: 503, headers }));
  const response = await app.request("/readyz");
  expect([response.status, await response.text()]).toEqual([503, "starting"]);
  expect(Object.fromEntries(response.headers)).toMatchObject(headers);
  expect((await probing(async () => new Response(null, { status: 204 })).request("/livez")).status).toBe(204);
});
