import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { GENERATED_FOLDER, PEER_VERSIONS, PEERS_FOLDER, PEERS_PYTHON, PYTHON, peerFile } from "../project-files.ts";
import type { Competitor } from "./contestants.ts";

const ENVIRONMENT_STAMP = "virtual-environment";
const LONGEST_REASON = 300;

/**
 * Installs what competitors need, each part once. Returns the reason for each one that cannot be installed; the others
 * are ready.
 */
export async function installPeers(
  competitors: readonly Competitor[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const installation = new Installation(signal);
  const missing = new Map<string, string>();
  mkdirSync(PEERS_FOLDER, { recursive: true });
  for (const { name, packages, requirements } of competitors) {
    try {
      if (packages.length > 0) await installation.nodePackages();
      for (const each of packages) expectPackage(each);
      if (requirements !== undefined) await installation.pythonPackages(requirements);
      if (name === "grpc") await installation.grpcCode();
    } catch (error) {
      missing.set(name, error instanceof Error ? error.message : String(error));
    }
  }
  return missing;
}

/** Installs into the folder of the peers; the tools end when `signal` is aborted. */
class Installation {
  readonly #signal: AbortSignal;
  #nodePackages: Promise<void> | undefined;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  /** Installs all Node.js packages, once. */
  nodePackages(): Promise<void> {
    this.#nodePackages ??= this.#installOnce("package-lock.json", async () => {
      for (const file of ["package.json", "package-lock.json"]) {
        cpSync(join(PEER_VERSIONS, file), join(PEERS_FOLDER, file));
      }
      // The packages need no install scripts: those with native code include their programs.
      const options = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"];
      await this.#run("npm", ["ci", "--prefix", PEERS_FOLDER, ...options]);
    });
    return this.#nodePackages;
  }

  /** Installs the Python packages in a file of exact versions. */
  async pythonPackages(requirements: string): Promise<void> {
    await this.#virtualEnvironment();
    await this.#installOnce(join("requirements", requirements), async () => {
      const options = ["--quiet", "--disable-pip-version-check", "--no-input", "--only-binary=:all:"];
      const file = join(PEER_VERSIONS, "requirements", requirements);
      await this.#run(PYTHON, ["-m", "pip", "--python", PEERS_PYTHON, "install", ...options, "-r", file]);
    });
  }

  /** Generates the Python code of the gRPC service. */
  async grpcCode(): Promise<void> {
    mkdirSync(GENERATED_FOLDER, { recursive: true });
    const source = peerFile("peers.proto");
    const outputs = [`--python_out=${GENERATED_FOLDER}`, `--grpc_python_out=${GENERATED_FOLDER}`];
    await this.#run(PEERS_PYTHON, ["-m", "grpc_tools.protoc", `--proto_path=${dirname(source)}`, ...outputs, source]);
  }

  /** Created again, and so are the packages in it, when the interpreter of the project is another one. */
  async #virtualEnvironment(): Promise<void> {
    const version = await this.#run(PYTHON, ["-VV"]);
    if (existsSync(PEERS_PYTHON) && stampOf(ENVIRONMENT_STAMP) === version) return;
    for (const name of readdirSync(PEERS_FOLDER)) {
      if (name === "venv" || name.startsWith("requirements-")) rmSync(join(PEERS_FOLDER, name), { recursive: true });
    }
    await this.#run(PYTHON, ["-m", "venv", "--without-pip", join(PEERS_FOLDER, "venv")]);
    writeFileSync(stampPath(ENVIRONMENT_STAMP), version);
  }

  /** Installs what a file of versions describes, unless the same content was installed before. */
  async #installOnce(file: string, install: () => Promise<void>): Promise<void> {
    const content = readFileSync(join(PEER_VERSIONS, file), "utf8");
    const name = file.replace("/", "-");
    if (stampOf(name) === content) return;
    rmSync(stampPath(name), { force: true });
    console.error(`installing ${file} into ${PEERS_FOLDER} …`);
    await install();
    writeFileSync(stampPath(name), content);
  }

  /** Returns what a tool prints. It leads a process group, which ends as a whole: pip starts other processes. */
  async #run(program: string, args: readonly string[]): Promise<string> {
    const child = spawn(program, args, { detached: true, stdio: ["ignore", "pipe", "pipe"] });
    const end = () => process.kill(-(child.pid ?? 0), "SIGTERM");
    this.#signal.addEventListener("abort", end);
    try {
      const [stdout, stderr, [code]] = await Promise.all([
        text(child.stdout),
        text(child.stderr),
        once(child, "close"),
      ]);
      if (code !== 0) throw new Error(lastErrorIn(stderr) ?? `${program} ended with exit code ${code}`);
      return stdout;
    } finally {
      this.#signal.removeEventListener("abort", end);
    }
  }
}

function expectPackage(name: string): void {
  createRequire(join(PEERS_FOLDER, "package.json")).resolve(name);
}

function stampPath(name: string): string {
  return join(PEERS_FOLDER, `${name}.installed`);
}

function stampOf(name: string): string | undefined {
  return existsSync(stampPath(name)) ? readFileSync(stampPath(name), "utf8") : undefined;
}

function lastErrorIn(output: string): string | undefined {
  const errors = output.split("\n").filter((line) => /error/i.test(line) && !line.includes("complete log"));
  return errors.at(-1)?.trim().slice(0, LONGEST_REASON);
}
