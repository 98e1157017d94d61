// Two hosts on one PostgreSQL database share sessions: each sees what the other creates, changes and ends.
import { fileURLToPath } from "node:url";
import { testPostgres } from "@snakepit/registry/testing/postgres-server";
import { python, Snakepit } from "snakepit";

// Your own database, or a temporary one that is deleted when this program ends.
await using server = process.env["DATABASE_URL"] === undefined ? await testPostgres() : undefined;
const url = process.env["DATABASE_URL"] ?? (await server?.createDatabase()) ?? "";

const file = fileURLToPath(new URL("../tools/conversation.py", import.meta.url));
const config = { worker: python(`${file}:Conversation`), size: 1, sessions: { store: { url } } };
await using london = await Snakepit.start(config);
await using paris = await Snakepit.start(config);

const session = await london.session("ada-2", { metadata: { name: "Ada" } });
await session.variables.register("turns", { type: "integer", value: 0 });
console.log((await session.execute<{ answer: string }>("say", { text: "from London" })).answer);

// The existing session, from another process or machine.
const continued = await paris.session("ada-2");
console.log((await continued.execute<{ answer: string }>("say", { text: "from Paris" })).answer);

// Hosts notify each other of changes; concurrent updates are never lost.
async function watchUntil(turns: number): Promise<string> {
  for await (const change of session.variables.watch("turns"))
    if (!change.deleted && change.value === turns) return `${turns}`;
  return "the session ended first";
}
const watching = watchUntil(22);
const counting = [session, continued].flatMap(({ variables }) =>
  Array.from({ length: 10 }, () => variables.update<number>("turns", (turns) => turns + 1)),
);
await Promise.all(counting);
console.log(`seen in London: ${await watching}; read in Paris: ${await continued.variables.get("turns")}`);

// When a host closes, its sessions remain.
await london.close();
console.log((await continued.execute<{ answer: string }>("say", { text: "London is closed" })).answer);
await continued.close();
