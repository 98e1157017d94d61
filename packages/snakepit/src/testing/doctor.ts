import { execFile, execFileSync } from "node:child_process";
import { chmodSync, globSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { runCommand } from "../command/run-command.ts";
import { bundledWheel } from "../command/setup/record-bridge.ts";
import { snakepit } from "./in-terminal.ts";

/** A finding in the output of `snakepit doctor --json`. */
interface ReportedFinding {
  readonly severity: "error" | "warning";
  readonly problem: string;
  readonly reason: string;
  readonly remedy: string;
  readonly fixable: boolean;
  readonly traceback?: string;
}

/** The output of `snakepit doctor --json`. */
interface ReportedDiagnosis {
  readonly errors: number;
  readonly warnings: number;
  readonly checks: readonly {
    readonly check: string;
    readonly status: "ok" | "warning" | "error" | "skipped";
    readonly facts?: string;
    readonly findings: readonly ReportedFinding[];
  }[];
  readonly repairs: readonly { readonly check: string; readonly outcome: { readonly is: string } }[];
}

/** How a run of doctor differs from the default. */
export interface DoctorRun {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** A command that runs doctor, for example `prlimit`. */
  readonly prefix?: readonly string[];
  /** The user and group that run doctor. */
  readonly uid?: number;
}

const ROOT = resolve(import.meta.dirname, "../../../..");

/** The environment of this workspace, which has the bridge. */
export const WORKSPACE_PYTHON = join(ROOT, ".venv/bin/python3");

/** What snakepit-bridge needs, and pip. */
const DEPENDENCIES = /^(msgspec|ormsgpack|google|protobuf|pip)([-.].*)?$/;

/**
 * Creates an environment with pip and what the bridge needs, but without the bridge; returns the path of its
 * interpreter. They are links to those of the workspace, because installing them takes most of a test.
 */
export function createEnvironment(environment: string): string {
  execFileSync(WORKSPACE_PYTHON, ["-m", "venv", "--without-pip", environment]);
  const [target = ""] = globSync("lib/python*/site-packages", { cwd: environment });
  const [source = ""] = globSync("lib/python*/site-packages", { cwd: join(ROOT, ".venv") });
  for (const name of readdirSync(join(ROOT, ".venv", source))) {
    if (DEPENDENCIES.test(name)) symlinkSync(join(ROOT, ".venv", source, name), join(environment, target, name));
  }
  return join(environment, "bin/python3");
}

/** Installs version 0.0.1 of the bridge, which is the bundled version with another number and protocol. */
export async function installOldBridge(environment: string, protocol: number): Promise<void> {
  const { path, version } = await bundledWheel();
  const wheel = join(environment, "snakepit_bridge-0.0.1-py3-none-any.whl");
  execFileSync(WORKSPACE_PYTHON, ["-c", OLD_WHEEL, path, wheel, version, String(protocol)]);
  const pip = ["-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--no-compile", wheel];
  execFileSync(join(environment, "bin/python3"), pip, { stdio: "pipe" });
}

const OLD_WHEEL = `
import re, sys, zipfile
source, target, version, protocol = sys.argv[1:]
with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
    for name in old.namelist():
        content = old.read(name)
        if name.endswith("/METADATA"):
            content = content.replace(b"Version: " + version.encode(), b"Version: 0.0.1", 1)
        if name == "snakepit_bridge/_version.py":
            content = content.replace(version.encode(), b"0.0.1")
            content = re.sub(rb"PROTOCOL_VERSION = \\d+", b"PROTOCOL_VERSION = " + protocol.encode(), content)
        new.writestr(name.replace(version + ".dist-info", "0.0.1.dist-info"), content.replace(version.encode() + b".dist-info", b"0.0.1.dist-info"))
`;

/** A machine with nothing wrong, until a test breaks it: a directory with the home and the sockets of a user. */
export class ExaminedMachine {
  /** The directory of the test. */
  readonly directory: string = realpathSync(mkdtempSync(join(tmpdir(), "doctor-")));
  readonly project = join(this.directory, "project");
  readonly stateHome = join(this.directory, "state-home");
  readonly state = join(this.stateHome, "snakepit");
  readonly sockets = join(this.directory, "s");

  constructor() {
    // Other users may run doctor here.
    chmodSync(this.directory, 0o755);
    for (const each of [this.project, this.stateHome, this.sockets]) {
      mkdirSync(each);
      chmodSync(each, 0o777);
    }
  }

  /** Runs `snakepit doctor --json`, in a separate process if it has a prefix or another user. */
  async doctor({ args = [], ...run }: DoctorRun = {}) {
    const { status, stdout } = await this.#run({ ...run, args: ["--json", ...args] });
    const diagnosis = JSON.parse(stdout) as ReportedDiagnosis;
    return {
      status,
      diagnosis,
      /** The findings of one check. */
      findings: (check: string) => diagnosis.checks.find((each) => each.check === check)?.findings ?? [],
      /** The IDs of the checks that found something. */
      found: diagnosis.checks.filter(({ findings }) => findings.length > 0).map(({ check }) => check),
    };
  }

  /** Runs `snakepit doctor` and returns what it prints for a person. */
  async text(args: readonly string[]): Promise<string> {
    return (await this.#run({ args })).stdout;
  }

  async #run({ args = [], env = {}, prefix = [], uid }: DoctorRun): Promise<EndedDoctor> {
    const chosen = args.includes("--socket-directory") ? [] : ["--socket-directory", this.sockets];
    const line = ["doctor", ...chosen, ...args];
    const path = (process.env["PATH"] ?? "").split(delimiter).filter((each) => !each.includes(".venv"));
    const changes = {
      // Hides the environment in which the tests run.
      VIRTUAL_ENV: undefined,
      SNAKEPIT_PYTHON: undefined,
      PATH: path.join(delimiter),
      HOME: this.directory,
      XDG_STATE_HOME: this.stateHome,
      ...env,
    };
    const ended =
      prefix.length === 0 && uid === undefined
        ? await runHere(line, changes, this.project)
        : await runInProcess([...prefix, ...snakepit(...line)], { ...process.env, ...changes }, this.project, uid);
    if (ended.stderr !== "") throw new Error(`doctor wrote to stderr: ${ended.stderr}`);
    return ended;
  }

  remove(): void {
    rmSync(this.directory, { recursive: true });
  }
}

interface EndedDoctor {
  readonly status: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command line in this process, which takes a fraction of the time of a new one. */
async function runHere(
  args: readonly string[],
  changes: Readonly<Record<string, string | undefined>>,
  cwd: string,
): Promise<EndedDoctor> {
  const written = { stdout: "", stderr: "" };
  const directory = process.cwd();
  const before = Object.keys(changes).map((name) => [name, process.env[name]] as const);
  const change = (name: string, value: string | undefined) => {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  };
  try {
    process.chdir(cwd);
    for (const [name, value] of Object.entries(changes)) change(name, value);
    const status = await runCommand(args, {
      stdout: { write: (text) => (written.stdout += text) },
      stderr: { write: (text) => (written.stderr += text) },
    });
    return { status, ...written };
  } finally {
    for (const [name, value] of before) change(name, value);
    process.chdir(directory);
  }
}

/** Runs a command line in a separate process. */
async function runInProcess(
  [program = "", ...args]: readonly string[],
  env: NodeJS.ProcessEnv,
  cwd: string,
  uid: number | undefined,
): Promise<EndedDoctor> {
  const { promise, resolve: end } = Promise.withResolvers<EndedDoctor>();
  execFile(program, args, { cwd, env, ...(uid !== undefined && { uid, gid: uid }) }, (error, stdout, stderr) =>
    end({ status: error === null ? 0 : error.code, stdout, stderr }),
  );
  return await promise;
}
