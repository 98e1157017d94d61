import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const ONE_CALL = new URL("one-call.ts", import.meta.url).pathname;

/** What came of a host that was started, called and closed in a process of its own. */
export interface OneCall {
  readonly value?: unknown;
  readonly code?: string;
  readonly message?: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

/** How the process differs from this one. */
export interface BareSystemOptions {
  /** A shell command before the host is started. */
  readonly before?: string;
  /** The command that runs the shell, for example `unshare --mount`. */
  readonly wrapper?: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** A directory, and hosts in processes that lack something which a usual system has. */
export class BareSystem implements Disposable {
  readonly directory = mkdtempSync(join(tmpdir(), "snakepit-bare-"));

  /** Where the registry is unless a configuration says something else. */
  get registry(): { readonly path: string } {
    return { path: join(this.directory, "registry.db") };
  }

  async call(config: object, options: BareSystemOptions = {}): Promise<OneCall> {
    return (await this.run(ONE_CALL, config, options)) as OneCall;
  }

  /** Runs a program that gets a configuration as JSON, and resolves with the JSON that it prints. */
  async run(
    path: string,
    config: object,
    { before = "true", wrapper = [], env = {} }: BareSystemOptions = {},
  ): Promise<unknown> {
    const host = [
      process.execPath,
      "-C",
      "source",
      "--no-warnings",
      path,
      JSON.stringify({ registry: this.registry, ...config }),
    ];
    const [program = "", ...args] = [...wrapper, "sh", "-c", `${before} && exec "$@"`, "sh", ...host];
    const options = { env: { ...process.env, ...env }, cwd: this.directory };
    const { stdout } = await promisify(execFile)(program, args, options);
    return JSON.parse(stdout);
  }

  [Symbol.dispose](): void {
    rmSync(this.directory, { recursive: true });
  }
}

/** Whether a command works here: many need root, or what a container does not allow. */
export function works(...[program = "", ...args]: readonly string[]): boolean {
  return spawnSync(program, args).status === 0;
}
