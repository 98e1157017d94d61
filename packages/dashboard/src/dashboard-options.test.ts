import { expect, test } from "vitest";
import { checkDashboardOptions } from "./dashboard-options.ts";

const TOKEN = "correct-horse-battery-staple-0123456789";

test("by default, it listens on the loopback interface and a free port, with actions", () => {
  expect(checkDashboardOptions({})).toEqual({ hostname: "127.0.0.1", port: 0, allowedHosts: [], actions: true });
});

test.each([
  [{ prot: 1 }, /prot is not an option; did you mean port\?/],
  [{ port: 70_000 }, /port must be a whole number from 0 to 65535; got 70000; set a free port, or 0/],
  [{ hostname: "" }, /hostname must be an address/],
  [{ token: "short" }, /token must have at least 32 characters; got 5; use/],
  [{ token: `${TOKEN} x` }, /token must contain only printable ASCII/],
  [{ allowedHosts: ["https://pit.example.com"] }, /allowedHosts\[0\] must be a host name/],
  [{ allowedHosts: "pit.example.com" }, /allowedHosts must be an array/],
  [{ actions: "no" }, /actions must be a boolean/],
  [{ health: {} }, /health must be a function/],
  [{ tls: { cert: "x", key: "y" } }, /tls must be a certificate and its private key; set/],
  [{ hostname: "0.0.0.0" }, /hostname requires TLS, because other machines can reach "0.0.0.0"; set tls/],
  [{ hostname: "::" }, /hostname requires TLS/],
])("rejects %j", (options, message) => {
  expect(() => checkDashboardOptions(options as object)).toThrow(message);
});

test.each(["127.0.0.1", "127.8.8.8", "::1", "localhost"])("%s needs no TLS", (hostname) => {
  expect(checkDashboardOptions({ hostname })).toMatchObject({ hostname });
});

test("behind a proxy, it may listen on every address", () => {
  expect(checkDashboardOptions({ hostname: "0.0.0.0", behindProxy: true })).toMatchObject({ hostname: "0.0.0.0" });
});

test("no message contains the token", () => {
  const token = `${TOKEN}\u00e9`;
  expect(() => checkDashboardOptions({ token })).toThrow(
    expect.not.objectContaining({ message: expect.stringContaining(TOKEN) }),
  );
});
