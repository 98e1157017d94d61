import type { HostScope, LauncherOptions, WorkerSpec } from "@snakepit/core";
import type { FakeCall } from "@snakepit/pool/testing/fake-call";
import { FakeLauncher } from "@snakepit/pool/testing/fake-launcher";

/** What a host asked of a {@link FakeWorkers}. */
export interface MadeLauncher {
  readonly launcher: FakeLauncher;
  readonly host: HostScope;
  readonly options: LauncherOptions;
}

/** Workers without processes, that remember how they were asked for. */
export interface FakeWorkers extends WorkerSpec {
  readonly made: MadeLauncher[];
}

/** Workers without processes. They do what `run` says with each call: by default, they answer with its tool's name. */
export function fakeWorkers(launcher = answering((call) => call.value(call.tool))): FakeWorkers {
  const made: MadeLauncher[] = [];
  return {
    language: "fake",
    target: "fake workers",
    made,
    async createLauncher(host, options) {
      made.push({ launcher, host, options });
      return launcher;
    },
  };
}

/** A launcher whose workers have the tools `add` and the streaming `count`. */
export function answering(run: (call: FakeCall) => void): FakeLauncher {
  const tool = (name: string, streaming: boolean) => ({ name, description: "", parameters: [], streaming });
  return new FakeLauncher({ tools: [tool("add", false), tool("count", true)], run });
}
