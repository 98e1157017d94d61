// Calls the tool "report" of the file in the first argument in a session, with the built-in logger.
import { python, Snakepit, type SnakepitConfig } from "../index.ts";

const [, , target = "", registry = "", logs = "{}"] = process.argv;
await using pit = await Snakepit.start({
  worker: python(target),
  // Longer than a machine under load takes.
  startTimeoutMs: "2m",
  heartbeatTimeoutMs: "2m",
  size: 1,
  registry: { path: registry },
  logs: JSON.parse(logs) as NonNullable<SnakepitConfig["logs"]>,
});
const session = await pit.session("s-1");
await session.execute("report");
