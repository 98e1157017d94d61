// A host that writes state in a separate process, for tests: node state-host-process.ts '<StateTask>'
import { openStateStore } from "../state/open-state-store.ts";
import type { StateTask } from "./spawn-host.ts";
import { createSession, incrementVariable, setVariable } from "./state-stores.ts";

const { options, ...task } = JSON.parse(process.argv[2] ?? "") as StateTask;
const store = await openStateStore({ connectTimeoutMs: 60_000, ...options });
switch (task.is) {
  case "write-and-die":
    await createSession(store, "s");
    for (let n = 1; n <= task.times; n++) await setVariable(store, "s", "n", String(n));
    process.kill(process.pid, "SIGKILL");
    break;
  case "increment":
    for (let n = 1; n <= task.times; n++) await incrementVariable(store, "s", "n");
    await store.close();
    break;
  default:
    task satisfies never;
}
