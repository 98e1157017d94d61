import type { LauncherRenewal, LaunchRequest, SnakepitError, WorkerHandle, WorkerLauncher } from "@snakepit/core";
import { FakeWorker, type FakeWorkerOptions } from "./fake-worker.ts";

/** A launch whose outcome the test determines. */
export class FakeLaunch {
  readonly request: LaunchRequest;
  /** Whether the launch is still in progress. */
  pending = true;
  readonly #succeed: (worker: FakeWorker) => void;
  readonly #fail: (thrown: unknown) => void;
  readonly #createWorker: () => FakeWorker;

  constructor(
    request: LaunchRequest,
    createWorker: () => FakeWorker,
    succeed: (worker: FakeWorker) => void,
    fail: (thrown: unknown) => void,
  ) {
    this.request = request;
    this.#createWorker = createWorker;
    this.#succeed = succeed;
    this.#fail = fail;
  }

  succeed(): FakeWorker {
    this.pending = false;
    const worker = this.#createWorker();
    this.#succeed(worker);
    return worker;
  }

  fail(thrown: unknown): void {
    this.pending = false;
    this.#fail(thrown);
  }
}

/** A loaded version of the code. */
export class FakeRenewal implements LauncherRenewal {
  state: "loaded" | "adopted" | "discarded" = "loaded";

  adopt(): void {
    this.state = "adopted";
  }

  async discard(): Promise<void> {
    if (this.state === "loaded") this.state = "discarded";
  }
}

/** Starts workers without processes: at once, unless `plan` specifies otherwise. */
export class FakeLauncher implements WorkerLauncher {
  /** Every worker that became ready, in order. */
  readonly workers: FakeWorker[] = [];
  /** Every launch, in order. */
  readonly launches: FakeLaunch[] = [];
  closed = 0;
  /** Every version that was loaded by a reload, in order. */
  readonly renewals: FakeRenewal[] = [];
  /** Makes the next reloads fail. */
  renewalError: SnakepitError | undefined;
  /** Determines the outcome of each launch. */
  plan: (launch: FakeLaunch, index: number) => void;
  readonly #options: FakeWorkerOptions;

  constructor(
    options: FakeWorkerOptions = {},
    plan: (launch: FakeLaunch, index: number) => void = (launch) => launch.succeed(),
  ) {
    this.#options = options;
    this.plan = plan;
  }

  /** Returns the running workers. */
  get alive(): FakeWorker[] {
    return this.workers.filter((worker) => !worker.gone);
  }

  /** Returns the launches in progress. */
  get pending(): FakeLaunch[] {
    return this.launches.filter((launch) => launch.pending);
  }

  launch(request: LaunchRequest): Promise<WorkerHandle> {
    return new Promise((resolve, reject) => {
      const createWorker = () => {
        const worker = new FakeWorker(request.workerId, 1_000 + this.workers.length, this.#options);
        this.workers.push(worker);
        return worker;
      };
      const launch = new FakeLaunch(request, createWorker, resolve, reject);
      request.signal.addEventListener("abort", () => launch.pending && launch.fail(request.signal.reason), {
        once: true,
      });
      this.launches.push(launch);
      this.plan(launch, this.launches.length - 1);
    });
  }

  async renew(): Promise<FakeRenewal> {
    if (this.renewalError !== undefined) throw this.renewalError;
    const renewal = new FakeRenewal();
    this.renewals.push(renewal);
    return renewal;
  }

  async close(): Promise<void> {
    this.closed += 1;
    for (const worker of this.workers) await worker.stop();
  }
}
