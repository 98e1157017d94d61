import type { Invocation } from "../command.ts";
import { EXIT } from "../command.ts";
import { ProgressLine } from "../terminal/progress-line.ts";
import { connectToHost, findWorker } from "./choose-host.ts";
import { optionDuration } from "./option-values.ts";

/** Runs `snakepit recycle WORKER`. */
export async function runRecycle({ values, positionals, terminal, signal }: Invocation): Promise<number> {
  const graceMs = optionDuration("grace", values["grace"]);
  const { client, workerId } = await findWorker(positionals[0] ?? "", values["host"] as string | undefined, signal);
  using _ = client;
  using progress = new ProgressLine(terminal.stderr);
  progress.show(`Replacing worker ${workerId}`);
  const { replacementId } = await client.recycle(workerId, { graceMs, signal });
  progress.clear();
  const result = { workerId, replacementId };
  terminal.stdout.write(
    values["json"] === true ? `${JSON.stringify(result)}\n` : `Worker ${workerId} was replaced by ${replacementId}.\n`,
  );
  return EXIT.ok;
}

/** Runs `snakepit reload [POOL]`. */
export async function runReload({ values, positionals, terminal, signal }: Invocation): Promise<number> {
  using client = await connectToHost(values["host"] as string | undefined, signal);
  const [name] = positionals;
  using progress = new ProgressLine(terminal.stderr);
  progress.show(name === undefined ? "Reloading the code" : `Reloading the code of pool ${name}`);
  const result = await client.reload(name, { signal });
  progress.clear();
  const { pool, workers } = result;
  terminal.stdout.write(
    values["json"] === true
      ? `${JSON.stringify(result)}\n`
      : `The ${workers === 1 ? "worker" : `${workers} workers`} of pool ${pool} run the present code.\n`,
  );
  return EXIT.ok;
}
