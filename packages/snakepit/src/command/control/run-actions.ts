import type { Invocation } from "../command.ts";
import { EXIT } from "../command.ts";
import { connectToHost, findWorker } from "./choose-host.ts";

/** Runs `snakepit recycle WORKER`. */
export async function runRecycle({ values, positionals, terminal, signal }: Invocation): Promise<number> {
  const graceMs = values["grace"] as number | undefined;
  const { client, workerId } = await findWorker(positionals[0] ?? "", values["host"] as string | undefined, signal);
  using _ = client;
  terminal.stderr.write(`Replacing worker ${workerId}\n`);
  const { replacementId } = await client.recycle(workerId, { graceMs, signal });
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
  terminal.stderr.write(name === undefined ? "Reloading the code\n" : `Reloading the code of pool ${name}\n`);
  const result = await client.reload(name, { signal });
  const { pool, workers } = result;
  terminal.stdout.write(
    values["json"] === true
      ? `${JSON.stringify(result)}\n`
      : `The ${workers === 1 ? "worker" : `${workers} workers`} of pool ${pool} run the present code.\n`,
  );
  return EXIT.ok;
}
