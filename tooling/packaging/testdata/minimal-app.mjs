// Calls one tool, without any optional package.
import { python, Snakepit } from "snakepit";

async function main() {
  const pit = await Snakepit.start({ worker: python("./tools.py"), size: 1, registry: { path: "./registry.db" } });
  try {
    console.log(await pit.execute("add", { a: 2, b: 40 }));
  } finally {
    await pit.close();
  }
}

main();
