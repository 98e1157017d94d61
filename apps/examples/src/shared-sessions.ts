// Two hosts on one PostgreSQL database share sessions: each sees at once what the other one makes, changes and ends.
import { fileURLToPath } from "node:url";
import { testPostgres } from "@snakepit/registry/testing/test-postgres";
import { python, Snakepit } from "snakepit";

// The database of your own, or one that is gone with this program.
await using server = process.env["DATABASE_URL"] === undefined ? await testPostgres() : undefined;
const url = process.env["DATABASE_URL"] ?? (await server?.createDatabase()) ?? "";

const file = fileURLToPath(new URL("../tools/conversation.py", import.meta.url));
const config = { worker: python(`${file}:Conversation`), size: 1, sessions: { store: { url } } };
await using london = await Snakepit.start(config);
await using paris = await Snakepit.start(config);

const begun = await london.session("ada-2", { metadata: { name: "Ada" } });
await begun.variables.register("turns", { type: "integer", value: 0 });
console.log((await begun.execute<{ answer: string }>("say", { text: "from London" })).answer);

// The same session, in another process or on another machine: found, not made.
const continued = await paris.session("ada-2");
console.log((await continued.execute<{ answer: string }>("say", { text: "from Paris" })).answer);

// Changes are told from host to host; writes that meet never lose one another.
async function watchUntil(turns: number): Promise<string> {
  for await (const change of begun.variables.watch("turns"))
    if (!change.deleted && change.value === turns) return `${turns}`;
  return "the session was over before";
}
const watching = watchUntil(22);
const counting = [begun, continued].flatMap(({ variables }) =>
  Array.from({ length: 10 }, () => variables.update<number>("turns", (turns) => turns + 1)),
);
await Promise.all(counting);
console.log(`seen in London: ${await watching}; read in Paris: ${await continued.variables.get("turns")}`);

// A host that goes away takes nothing along.
await london.close();
console.log((await continued.execute<{ answer: string }>("say", { text: "London is gone" })).answer);
await continued.close();
