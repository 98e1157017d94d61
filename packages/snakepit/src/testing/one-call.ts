// Starts a host, makes a call and closes the host; prints the result as one line of JSON.
// usage: node one-call.ts '{"size": 2, "registry": …}'
import { python, Snakepit, type SnakepitConfig, SnakepitError } from "../index.ts";

const { transport, startMethod, ...config } = JSON.parse(process.argv[2] ?? "{}");

async function outcome(): Promise<object> {
  try {
    const worker = python(new URL("tools.py", import.meta.url), { transport, startMethod });
    const pit = await Snakepit.start({ worker, size: 1, logger: false, ...config } as SnakepitConfig);
    try {
      await pit.ready();
      return { value: await pit.execute("echo", { value: "answer" }) };
    } finally {
      await pit.close();
    }
  } catch (thrown) {
    if (!(thrown instanceof SnakepitError)) throw thrown;
    const { code, message, details } = thrown;
    return { code, message, details };
  }
}

console.log(JSON.stringify(await outcome()));
