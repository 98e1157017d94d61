import { expect, test } from "vitest";
import { loadPart } from "./load-part.ts";

test("resolves with the imported module", async () => {
  expect((await loadPart("the path module", import("node:path"))).sep).toBe("/");
});

test("rejects with a remedy in a bundle that cannot require a package (E4)", async () => {
  const cause = new Error('Dynamic require of "http2" is not supported');
  await expect(loadPart("the gRPC server", Promise.reject(cause))).rejects.toMatchObject({
    code: "UNSUPPORTED_PLATFORM",
    message: expect.stringMatching(/^loading the gRPC server failed: .*--banner:js='import \{ createRequire \}/),
    cause,
  });
});

test("rejects with the part and the cause if the import fails", async () => {
  const missing = "no-such-package-of-snakepit";
  await expect(loadPart("the PostgreSQL driver", import(missing))).rejects.toMatchObject({
    code: "INTERNAL",
    message: expect.stringMatching(/^loading the PostgreSQL driver failed: .*no-such-package-of-snakepit/),
  });
});
