import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { makeCertificate } from "@snakepit/gateway/testing/test-certificate";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freePort, SampleFolder } from "./testing/document-samples.ts";

// The host of docs/grpc-clients.md and its Python clients, which use only the .proto files.
let folder: SampleFolder;
let stop = async () => {};

beforeAll(async () => {
  const PIT_TOKEN = randomBytes(32).toString("hex");
  folder = new SampleFolder("docs/grpc-clients.md", { PIT_TOKEN, PIT_PORT: String(await freePort()) });
  const { cert, key } = makeCertificate("localhost", { hosts: ["localhost"] });
  folder.add("cert.pem", cert);
  folder.add("key.pem", key);
  await folder.output(folder.sample("generate.sh"));

  const serve = folder.sample("serve.ts");
  const host = folder.start(serve);
  stop = async () => {
    host.kill("SIGTERM");
    if (host.exitCode === null && host.signalCode === null) await once(host, "exit");
  };
  const lines = createInterface({ input: host.stdout })[Symbol.asyncIterator]();
  expect([(await lines.next()).value]).toEqual(serve.prints);
});

afterAll(async () => {
  await stop();
  folder[Symbol.dispose]();
});

test.each(["client.py", "client_tls.py", "offer.py"])("%s runs and prints the documented output", async (file) => {
  const sample = folder.sample(file);
  expect(await folder.output(sample)).toEqual(sample.prints);
});
