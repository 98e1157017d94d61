// A host that the test kills while it changes a session: prints the committed changes to stdout.
// usage: node session-host-process.ts '{"store": …, "registry": …, "socketDirectory": …}'
import { python, Snakepit, type StoreLocation } from "../index.ts";
import { LONG_TIME_LIMITS } from "./host-under-test.ts";

interface HostOptions {
  readonly store: StoreLocation;
  readonly registry: { readonly path: string };
  readonly socketDirectory: string;
}

const { store, ...places } = JSON.parse(process.argv[2] ?? "{}") as HostOptions;

const pit = await Snakepit.start({
  ...LONG_TIME_LIMITS,
  worker: python(`${new URL("session_tools.py", import.meta.url).pathname}:SessionTools`),
  size: 2,
  sessions: { store },
  logger: false,
  ...places,
});
const session = await pit.session("conversation", { metadata: { turns: 0 } });
await session.variables.register("here", { type: "integer", value: 0 });
await session.variables.register("there", { type: "integer", value: 0 });
await session.programs.store("program", { version: 0 });
report({ ready: true });

await Promise.all([keep(here), keep(there), keep(turns), keep(program)]);

async function keep(change: () => Promise<object>): Promise<never> {
  for (;;) report(await change());
}

async function here() {
  return { here: await session.variables.update<number>("here", (n) => n + 1) };
}

async function there() {
  return { there: await session.execute<number>("increment", { name: "there", times: 1 }) };
}

async function turns() {
  return await session.update(({ turns }) => ({ turns: Number(turns) + 1 }));
}

async function program() {
  const { version } = await session.programs.update<{ version: number }>("program", ({ version }) => ({
    version: version + 1,
  }));
  return { program: version };
}

function report(facts: object): void {
  process.stdout.write(`${JSON.stringify(facts)}\n`);
}
