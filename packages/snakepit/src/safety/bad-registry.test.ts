import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openRegistry } from "@snakepit/registry";
import { expect, test } from "vitest";
import { python, type RegistryLocation } from "../index.ts";
import { failingStarts } from "../testing/failed-start.ts";

const starts = failingStarts();

const TOOLS = join(import.meta.dirname, "../testing/tools.py");

/** Returns the message of a failed start with this registry, after a check of its code. */
async function messageWith(registry: RegistryLocation): Promise<string> {
  const error = await starts().error({ worker: python(TOOLS), size: 4, registry });
  expect(error.code).toBe("REGISTRY_UNAVAILABLE");
  expect(error.details["place"]).toBe(registry.path ?? registry.url?.replace("hunter2", "***"));
  return error.message;
}

test("a directory is rejected as a registry file", async () => {
  const path = join(starts().directory, "folder");
  mkdirSync(path);
  expect(await messageWith({ path })).toBe(
    `the process registry ${path} cannot be used: it is a directory; set the path of a file (registry: { path })`,
  );
});

test("a path at which no file can be created is rejected", async () => {
  const file = starts().write("file", "");
  expect(await messageWith({ path: join(file, "registry.db") })).toMatch(
    /cannot be used: a parent of its path is not a directory; correct the path$/,
  );
  // Not writable for root either.
  expect(await messageWith({ path: "/proc/snakepit/registry.db" })).toMatch(
    /^the process registry \/proc\/snakepit\/registry\.db cannot be used: its directory does not exist and cannot be created; /,
  );
});

test("a file that is not a database and a damaged one are distinguished, and left unchanged", async () => {
  const other = starts().write("other.db", "a file with notes, not a database\n".repeat(500));
  expect(await messageWith({ path: other })).toMatch(/the file is not a SQLite database; move it away/);
  const damaged = join(starts().directory, "damaged.db");
  await (await openRegistry({ path: damaged })).close();
  const pages = readFileSync(damaged);
  pages.fill(0xff, 100);
  writeFileSync(damaged, pages);
  expect(await messageWith({ path: damaged })).toMatch(/the file is corrupt; move the file/);
  expect(readFileSync(damaged).equals(pages)).toBe(true);
});

test("a server that does not respond is reported without its password", async () => {
  const url = "postgres://app:hunter2@127.0.0.1:1/app";
  const message = await messageWith({ url });
  expect(message).toBe(
    "the process registry postgres://app:***@127.0.0.1:1/app cannot be used: the server does not answer; start it, correct the host and port, or choose another database (registry: { url })",
  );
});

test("a server with an unknown host name is reported", async () => {
  expect(await messageWith({ url: "postgres://app@no-such-host.invalid/app" })).toMatch(
    /cannot be used: the host name is unknown; correct the host in the URL$/,
  );
});
