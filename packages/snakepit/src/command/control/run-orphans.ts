import { existsSync } from "node:fs";
import type { LeftoverProcess } from "@snakepit/registry";
import { count } from "../../control/recommending/figures.ts";
import type { Invocation } from "../command.ts";
import { EXIT } from "../command.ts";
import { MisuseError } from "../parse-command-line.ts";
import { ProgressLine } from "../terminal/progress-line.ts";
import { type Column, textTable } from "./text-table.ts";

const COLUMNS: readonly Column<LeftoverProcess>[] = [
  { title: "PID", right: true, value: ({ pid }) => String(pid) },
  { title: "HOST", value: ({ runId }) => runId },
  { title: "HOST PID", right: true, value: ({ hostPid }) => String(hostPid) },
  { title: "HOST STARTED", value: ({ hostStartedAt }) => hostStartedAt },
];

/** Runs `snakepit orphans`. */
export async function runOrphans({ values, terminal, signal }: Invocation): Promise<number> {
  // The database is needed by this command only.
  const { listLeftovers, openRegistry } = await import("@snakepit/registry");
  const location = registryLocation(values["registry"] as string | undefined);
  const json = values["json"] === true;
  const found = await listLeftovers({ ...location, signal });
  if (values["kill"] !== true) {
    terminal.stdout.write(json ? `${JSON.stringify({ found, killed: [] })}\n` : listText(found));
    return found.length === 0 ? EXIT.ok : EXIT.failed;
  }
  if (found.length === 0) {
    terminal.stdout.write(json ? `${JSON.stringify({ found, killed: [] })}\n` : listText(found));
    return EXIT.ok;
  }
  using progress = new ProgressLine(terminal.stderr);
  progress.show(`Ending ${count(found.length, "process", "processes")}`);
  const registry = await openRegistry({ ...location, signal });
  let killed: readonly { readonly pid: number }[];
  try {
    ({ killed } = await registry.sweep());
  } finally {
    await registry.close();
  }
  const left = await listLeftovers({ ...location, signal });
  progress.clear();
  if (json) terminal.stdout.write(`${JSON.stringify({ found, killed, left })}\n`);
  else {
    terminal.stdout.write(`${count(killed.length, "process", "processes")} of dead hosts ended.\n`);
    if (left.length > 0) terminal.stdout.write(`These could not be ended:\n${textTable(COLUMNS, left).join("\n")}\n`);
  }
  return left.length === 0 ? EXIT.ok : EXIT.failed;
}

function listText(found: readonly LeftoverProcess[]): string {
  if (found.length === 0) return "No process of a dead host is running.\n";
  return `${textTable(COLUMNS, found).join("\n")}\n\nThe next host ends them; snakepit orphans --kill ends them now.\n`;
}

function registryLocation(location: string | undefined): { readonly path?: string; readonly url?: string } {
  if (location === undefined) return {};
  if (/^postgres(ql)?:\/\//.test(location)) return { url: location };
  // "No process was left" would be wrong about the registry of another path.
  if (!existsSync(location)) throw new MisuseError(`--registry ${location} does not exist; pass the file of the hosts`);
  return { path: location };
}
