import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client, type ClientReadableStream, credentials, type ServiceError, status } from "@grpc/grpc-js";
import type { BridgeServer } from "@snakepit/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { HealthService, HealthCheckResponse_ServingStatus as Serving } from "../grpc.ts";
import { serveBridge } from "../serve-bridge.ts";
import { RecordedOperations } from "../testing/recorded-operations.ts";
import { ScriptedBridgeHost } from "../testing/scripted-bridge-host.ts";

/** Longer than the time limit of a test, so a test that waits for it fails. */
const GRACE_MS = 600_000;

describe("a closing service", () => {
  let directory: string;
  let server: BridgeServer;
  let client: Client;

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), "snakepit-test-"));
    server = await serveBridge({
      host: new ScriptedBridgeHost(),
      operations: new RecordedOperations(1_024),
      listen: { socketPath: join(directory, "bridge.sock") },
      version: "1.2.3",
      maxPayloadBytes: 1_024,
    });
    client = new Client(server.address, credentials.createInsecure());
  });

  afterEach(async () => {
    client.close();
    await server.close({ graceMs: 0 });
    rmSync(directory, { recursive: true });
  });

  function watchHealth(): ClientReadableStream<{ readonly status: Serving }> {
    const { path, requestSerialize, responseDeserialize } = HealthService.watch;
    return client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, { service: "" });
  }

  async function endOf(call: NodeJS.EventEmitter): Promise<ServiceError> {
    const [error] = (await once(call, "error")) as [ServiceError];
    return error;
  }

  it("notifies health watchers that it is not serving, and does not wait for them", async () => {
    const watch = watchHealth();
    await once(watch, "data");
    server.setServing(true);
    expect(await once(watch, "data")).toEqual([{ status: Serving.SERVING }]);

    const ended = endOf(watch);
    const last = once(watch, "data");
    const closed = server.close({ graceMs: GRACE_MS });
    expect(await last).toEqual([{ status: Serving.NOT_SERVING }]);
    expect(await ended).toMatchObject({ code: status.UNAVAILABLE, details: "the host is closing" });
    await closed;
    await server.close();
  });

  it.each(["v1", "v1alpha"])("does not wait for an open reflection stream, %s", async (version) => {
    const asBytes = (bytes: Buffer) => bytes;
    const path = `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`;
    const reflection = client.makeBidiStreamRequest(path, asBytes, asBytes);
    // Field 7, list_services: the response shows that the call has arrived.
    reflection.write(Buffer.from([0x3a, 0]));
    await once(reflection, "data");

    const ended = endOf(reflection);
    await server.close({ graceMs: GRACE_MS });
    expect((await ended).code).toBe(status.UNAVAILABLE);
  });
});
