import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CleanupStack,
  type EventName,
  type HostRequests,
  type HostScope,
  type LauncherOptions,
  newRunId,
  noHostRequests,
  noInstrumentation,
  type SnakepitEvents,
  type WorkerLauncher,
  type WorkerSpec,
} from "@snakepit/core";
import { WorkerEndpoint } from "../endpoint/worker-endpoint.ts";
import { python } from "../python.ts";
import type { PythonOptions } from "../python-options.ts";
import { RecordingRegistry } from "./recording-registry.ts";

/** The tools that the tests of launching use. */
export const TOOLS = new URL("launch_tools.py", import.meta.url);

/** A host that has only launchers. */
export class LaunchingHost implements AsyncDisposable {
  readonly registry = new RecordingRegistry(newRunId());
  readonly events: { readonly name: EventName; readonly event: unknown }[] = [];
  readonly #cleanups = new CleanupStack();
  readonly #scope: HostScope;

  /** @param requests handles the requests of workers; by default none are supported. */
  constructor(requests: HostRequests = noHostRequests) {
    this.#scope = {
      runId: this.registry.runId,
      registry: this.registry,
      instrumentation: {
        emit: (name, event) => void this.events.push({ name, event }),
        startCall: () => undefined,
      },
      requests,
      maxPayloadBytes: 64 * 1024 * 1024,
      defer: (cleanup) => this.#cleanups.defer(cleanup),
    };
  }

  get runId(): string {
    return this.registry.runId;
  }

  /** Creates a launcher that is closed with the host. */
  async launcher(
    target: string | URL | WorkerSpec = TOOLS,
    options: PythonOptions = {},
    limits: Partial<LauncherOptions> = {},
  ): Promise<WorkerLauncher> {
    const spec = typeof target === "string" || target instanceof URL ? python(target, options) : target;
    const launcher = await spec.createLauncher(this.#scope, {
      pool: "tests",
      size: 1,
      startTimeoutMs: 60_000,
      heartbeatIntervalMs: 2_000,
      heartbeatTimeoutMs: 60_000,
      watch: false,
      env: {},
      ...limits,
    });
    this.#cleanups.defer(() => launcher.close());
    return launcher;
  }

  /** Returns the events with a name so far. */
  eventsNamed<Name extends EventName>(name: Name): SnakepitEvents[Name][] {
    return this.events.filter((each) => each.name === name).map((each) => each.event as SnakepitEvents[Name]);
  }

  /** The log so far, one record per line. */
  get logged(): string {
    return this.eventsNamed("worker.log")
      .map((record) => record.message)
      .join("\n");
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#cleanups.close();
  }
}

/** A directory for the files of a test; removed on disposal. */
export class TargetFiles implements AsyncDisposable {
  readonly directory = mkdtempSync(join(tmpdir(), "snakepit-targets-"));

  /** Writes a file and returns its path. */
  write(name: string, text: string, mode = 0o600): string {
    const path = join(this.directory, name);
    writeFileSync(path, text, { mode });
    return path;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** Opens the worker sockets of both transports in a directory, like a host. */
export async function openWorkerSockets(directory: string): Promise<{ close(): Promise<void> }> {
  const instrumentation = noInstrumentation;
  const endpoint = await WorkerEndpoint.open({ runId: "aaaaaaa", maxPayloadBytes: 1_024, directory, instrumentation });
  await endpoint.dialAddress("grpc");
  return endpoint;
}
