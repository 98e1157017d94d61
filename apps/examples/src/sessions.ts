// A session outlives its worker: the host keeps its state.
import { fileURLToPath } from "node:url";
import { python, Snakepit, SnakepitError } from "snakepit";

interface Reply {
  answer: string;
  pid: number;
}

const file = fileURLToPath(new URL("../tools/conversation.py", import.meta.url));
await using pit = await Snakepit.start({ worker: python(`${file}:Conversation`), size: 2 });

// Creates the session or returns the existing one. It expires after an hour without use.
const session = await pit.session("ada-1", { ttlMs: "1h", metadata: { name: "Ada" } });
await session.variables.register("turns", { type: "integer", value: 0 });

const first = await session.execute<Reply>("say", { text: "I am new here" });
const second = await session.execute<Reply>("say", { text: "still me" });
console.log(first.answer);
console.log(second.answer);
console.log(`the same worker: ${first.pid === second.pid}`);

const exited = new Promise((resolve) => pit.on("worker.exited", resolve));
process.kill(second.pid, "SIGKILL");
await exited;

const third = await session.execute<Reply>("say", { text: "what happened?" });
console.log(third.answer);
console.log(`the same worker: ${first.pid === third.pid}`);

await session.update((metadata) => ({ ...metadata, satisfied: true }));
console.log(`metadata: ${JSON.stringify(await session.metadata())}`);

await session.close();
try {
  await session.execute("say", { text: "one more thing" });
} catch (error) {
  console.log(error instanceof SnakepitError ? error.code : error);
}
