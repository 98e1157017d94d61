// Uses the features of the packed product and is bundled by each bundler; see bundle-app.ts. It serves until stdin
// ends.
import { hostTool, python, Snakepit } from "snakepit";

async function main() {
  const pit = await Snakepit.start({
    worker: python("./tools.py"),
    size: 1,
    registry: { path: "./registry.db" },
    sessions: { store: "registry" },
  });
  try {
    const sum = await pit.execute("add", { a: 2, b: 40 });
    const chunks = [];
    for await (const chunk of pit.stream("count_down", { start: 3 })) chunks.push(chunk);
    const parameters = { type: "object", properties: { value: { type: "number" } }, required: ["value"] };
    const run = ({ value }) => value * 2;
    pit.hostTools.register([hostTool({ name: "twice", description: "Doubles a number.", parameters, run })]);
    const session = await pit.session("s1");
    await session.execute("remember", { name: "x", value: 5 });
    const remembered = await session.variables.get("x");
    const doubled = await session.execute("ask_twice", { value: 21 });
    const rejected = await session.execute("ask_twice", { value: "21" }).catch(({ details }) => details.code);
    const { address } = await pit.serve({ socketPath: "./bridge.sock" });
    console.log(JSON.stringify({ sum, chunks, remembered, doubled, rejected, address }));
    await new Promise((resolve) => process.stdin.resume().once("end", resolve));
  } finally {
    await pit.close();
  }
}

main().catch((error) => {
  console.error(`${error.code}: ${error.message}`);
  process.exitCode = 1;
});
