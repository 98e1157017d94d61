import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

/** The differences between the process and this one. */
export interface BareSystemOptions {
  /** A shell command that runs before the host starts. */
  readonly before?: string;
  /** The command that runs the shell, for example `unshare --mount`. */
  readonly wrapper?: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** A directory, and hosts in processes whose system is incomplete or limited. */
export class BareSystem implements Disposable {
  readonly directory = mkdtempSync(join(tmpdir(), "snakepit-bare-"));

  /** The default location of the registry. */
  get registry(): { readonly path: string } {
    return { path: join(this.directory, "registry.db") };
  }

  /** Runs a program with a configuration as a JSON argument; resolves with the JSON that it prints. */
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

/** Returns whether a command succeeds: many require root, or permissions that a container lacks. */
export function works(...[program = "", ...args]: readonly string[]): boolean {
  return spawnSync(program, args).status === 0;
}
