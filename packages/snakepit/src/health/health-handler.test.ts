import type { HealthCheck, HealthOptions } from "@snakepit/core";
import { describe, expect, test } from "vitest";
import { healthHandler } from "./health-handler.ts";

const HOST: HealthCheck = { name: "host", status: "pass", reason: "the host accepts calls", values: {} };
const REGISTRY: HealthCheck = { name: "registry", status: "warn", reason: "it does not answer", values: {} };
const STORE: HealthCheck = { name: "store", status: "fail", reason: "no answer within 500 ms", values: {} };

function handling(checks: readonly HealthCheck[], live = true) {
  const asked: HealthOptions[] = [];
  const health = async (options: HealthOptions = {}) => {
    asked.push(options);
    return { live, ready: checks.every(({ status }) => status !== "fail"), checks };
  };
  return { handle: healthHandler(() => ({ health })), asked };
}

const get = (url: string) => ({ method: "GET", url });

describe("a healthy host", () => {
  test.each(["/livez", "/readyz", "/healthz", "/readyz/", "/internal/readyz", "http://pod:8080/readyz"])(
    "is reported as ok by %s",
    async (url) => {
      const answer = await handling([HOST, REGISTRY]).handle(get(url));
      expect(answer).toMatchObject({ status: 200, body: "ok\n" });
      expect(answer?.headers).toMatchObject({
        "content-type": "text/plain; charset=utf-8",
        "cache-control": "no-store",
      });
    },
  );

  test("is described with ?verbose as by Kubernetes", async () => {
    expect((await handling([HOST, REGISTRY]).handle(get("/healthz?verbose")))?.body).toBe(
      "[+]host ok: the host accepts calls\n[!]registry warning: it does not answer\nhealthz check passed\n",
    );
  });
});

describe("a host that is not ready", () => {
  test("answers /readyz and /healthz with 503 and the reasons, and /livez with 200", async () => {
    const { handle } = handling([HOST, STORE]);
    for (const name of ["readyz", "healthz"]) {
      expect(await handle(get(`/${name}`))).toMatchObject({
        status: 503,
        body: `[+]host ok: the host accepts calls\n[-]store failed: no answer within 500 ms\n${name} check failed\n`,
      });
    }
    expect(await handle(get("/livez"))).toMatchObject({ status: 200, body: "ok\n" });
  });

  test("is ready without an excluded check", async () => {
    const { handle } = handling([HOST, STORE, REGISTRY]);
    expect(await handle(get("/readyz?exclude=store&exclude=registry"))).toMatchObject({ status: 200 });
    expect(await handle(get("/readyz?exclude=registry"))).toMatchObject({ status: 503 });
    expect(await handle(get("/readyz?exclude=stor"))).toMatchObject({
      status: 400,
      body: 'exclude must name a check; got "stor"; the checks are host, store, registry\n',
    });
  });
});

test("a host that cannot recover is not live", async () => {
  const { handle } = handling([HOST], false);
  expect(await handle(get("/livez"))).toMatchObject({ status: 503 });
  expect(await handle(get("/healthz"))).toMatchObject({ status: 503 });
});

test("a host that starts is live and not ready", async () => {
  const handle = healthHandler(() => undefined);
  expect(await handle(get("/livez"))).toMatchObject({ status: 200 });
  const body = "[-]host failed: the host is starting\nreadyz check failed\n";
  expect(await handle(get("/readyz"))).toMatchObject({ status: 503, body });
  expect(await handle(get("/readyz?exclude=store"))).toMatchObject({ status: 503, body });
});

test("/livez asks no database", async () => {
  const { handle, asked } = handling([HOST]);
  await handle(get("/livez"));
  await handle(get("/readyz"));
  expect(asked).toEqual([{ checks: "live" }, { checks: "all" }]);
});

test("HEAD has no body, and other methods are rejected", async () => {
  const { handle } = handling([HOST]);
  expect(await handle({ method: "HEAD", url: "/readyz" })).toMatchObject({ status: 200, body: "" });
  const rejected = await handle({ method: "POST", url: "/readyz" });
  expect(rejected).toMatchObject({ status: 405, headers: { allow: "GET, HEAD" } });
});

test.each(["/", "/ready", "/readyz/store", "/readyzz", "http://[", ""])("%j is left to the server", async (url) => {
  expect(await handling([HOST]).handle(get(url))).toBeUndefined();
});

test("a Request is accepted, and the answer becomes a Response", async () => {
  const answer = await handling([HOST]).handle(new Request("http://pod/readyz"));
  const response = new Response(answer?.body, answer);
  expect([response.status, await response.text()]).toEqual([200, "ok\n"]);
});
