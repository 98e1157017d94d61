import { once } from "node:events";
import { createInterface } from "node:readline";
import { ERROR_CODES, type ErrorCode, SnakepitError } from "snakepit";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { documentText, freePort, SampleFolder } from "./testing/document-samples.ts";

const DOCUMENT = "docs/web-servers.md";

// The servers of docs/web-servers.md, each with the client of that page.
describe.each(["server.ts", "express.ts", "fastify.ts"])("%s", (file) => {
  let folder: SampleFolder;
  let port: number;
  let server: ReturnType<SampleFolder["start"]>;
  let printed: AsyncIterator<string>;

  beforeAll(async () => {
    port = await freePort();
    folder = new SampleFolder(DOCUMENT, { PORT: String(port), DRAIN_MS: "50" });
    server = folder.start(folder.sample(file));
    printed = createInterface({ input: server.stdout })[Symbol.asyncIterator]();
    expect((await printed.next()).value).toBe("listening");
  });

  afterAll(async () => {
    server.kill("SIGKILL");
    if (server.exitCode === null && server.signalCode === null) await once(server, "exit");
    folder[Symbol.dispose]();
  });

  test("answers its client, stops Python when the client leaves, and drains on SIGTERM", async () => {
    const client = folder.sample("client.ts");
    expect(await folder.output(client)).toEqual(client.prints);
    const left = await printed.next();

    const exit = once(server, "exit");
    const reading = await fetch(`http://127.0.0.1:${port}/tokens?prompt=on+and+on`);
    const body = reading.body?.getReader();
    await body?.read();
    server.kill("SIGTERM");
    const rest = [left, await printed.next(), await printed.next()].map(({ value }) => value);
    expect(["listening", ...rest]).toEqual(folder.sample(file).prints);
    expect(await exit).toEqual([0, null]);
    await body?.cancel().catch(() => {});
  });
});

test("the table of statuses matches what the sample returns for each code", async () => {
  using folder = new SampleFolder(DOCUMENT);
  const { httpError } = (await import(folder.path(folder.sample("http-error.ts")))) as {
    httpError(error: unknown): { readonly status: number; readonly body: { readonly message: string } };
  };
  const rows = documentText(DOCUMENT).matchAll(/^\| (\d{3}) \| (`.*`) \|/gm);
  const documented = new Map(
    Array.from(rows, ([, status, codes = ""]) =>
      codes.split(", ").map((code) => [code.replaceAll("`", ""), Number(status)] as const),
    ).flat(),
  );
  const log = vi.spyOn(console, "error").mockImplementation(() => {});
  for (const code of Object.keys(ERROR_CODES) as ErrorCode[]) {
    const { status, body } = httpError(new SnakepitError(code, "what happened"));
    expect({ code, status }).toEqual({ code, status: documented.get(code) ?? 500 });
    expect({ code, shown: body.message === "what happened" }).toEqual({ code, shown: status < 500 });
  }
  expect(httpError(new TypeError("no function")).status).toBe(500);
  expect(documented.size).toBe(new Set(documented.keys()).size);
  log.mockRestore();
});
