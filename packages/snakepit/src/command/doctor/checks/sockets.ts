import { chmodSync, existsSync, lstatSync, readdirSync, rmdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { newRunId } from "@snakepit/core";
import { isOwnerDead, pathLengthProblem, socketPathProblem } from "@snakepit/core/unix-sockets";
import type { CheckResult, Finding } from "../finding.ts";

/** What is examined. */
export interface SocketFacts {
  /** The option `socketDirectory`; `undefined` for the default. */
  readonly configured: string | undefined;
  readonly uid: number;
  readonly env: NodeJS.ProcessEnv;
}

const PREFIX = "snakepit-";
/** The name of the directory of a host: its run ID, and a suffix for further directories of the same host. */
const DIRECTORY = /^snakepit-[0-9a-z]{7}(-\w+)?(\.ended)?$/;
const OWNER = "owner.json";
/** The longest name of a socket. */
const LONGEST_SOCKET = "control.sock";
/** The names of all files in a directory of a host. */
const OUR_FILE = /^(worker\.sock|grpc\.sock|control\.sock|owner\.json|.+\.permits|.+\.unsent)$/;

/** Checks that sockets can be created, and the permissions and owners of the directories of hosts. */
export function checkSockets({ configured, uid, env }: SocketFacts): CheckResult {
  const bases = configured === undefined ? defaultBases(env) : [resolve(configured)];
  const problems = bases.map((base) => [base, problemOf(base)] as const);
  const usable = problems.find(([, problem]) => problem === undefined)?.[0];
  const unusable = problems.flatMap(([, problem]) => problem ?? []).join("; ");
  const findings: Finding[] = [];
  if (usable === undefined) {
    findings.push({
      severity: "error",
      problem: `the sockets of the workers cannot be created: ${unusable}`,
      reason: "Workers connect to the host through a Unix socket",
      remedy:
        configured === undefined
          ? "set socketDirectory to a directory with a short path that this user can write to"
          : `set socketDirectory to an existing directory with a short path that this user can write to, or remove it: the default is ${tmpdir()}`,
    });
  }
  for (const base of bases) findings.push(...directoryFindings(base, uid));
  const facts = usable === undefined ? "cannot be created" : `in ${usable}${unusable === "" ? "" : ` (${unusable})`}`;
  return { facts, findings };
}

/** The same directories as those in which hosts create their sockets. */
function defaultBases(env: NodeJS.ProcessEnv): readonly string[] {
  const runtimeDirectory = env["XDG_RUNTIME_DIR"];
  return [...new Set([tmpdir(), "/tmp", ...(runtimeDirectory ? [runtimeDirectory] : [])])];
}

function problemOf(base: string): string | undefined {
  return (
    socketPathProblem(join(base, LONGEST_SOCKET)) ??
    pathLengthProblem(join(base, `${PREFIX}${newRunId()}`, LONGEST_SOCKET))
  );
}

function directoryFindings(base: string, uid: number): readonly Finding[] {
  const own = directoriesIn(base).filter(({ stats }) => stats.uid === uid);
  const stale = own
    .filter(({ path }) => isOwnerDead(join(path, OWNER)) && hasOnlyOurFiles(path))
    .map(({ path }) => path);
  const open = own.filter(
    ({ path, stats }) => !stale.includes(path) && (stats.mode & 0o077) !== 0 && hasOwner(path) && hasOnlyOurFiles(path),
  );
  return [
    ...open.map(({ path, stats }): Finding => {
      const mode = (stats.mode & 0o777).toString(8);
      return {
        severity: "error",
        problem: `the socket directory ${path} of a running host must have mode 700; got ${mode}`,
        reason: "Other users can connect to the sockets of the host",
        remedy: `chmod 700 ${path}`,
        repair: async () => {
          chmodSync(path, 0o700);
          return `set the mode of ${path} to 700`;
        },
      };
    }),
    ...(stale.length === 0 ? [] : [staleFinding(stale)]),
  ];
}

function staleFinding(stale: readonly string[]): Finding {
  return {
    severity: "warning",
    problem: `socket directories of dead hosts: ${stale.join(", ")}`,
    reason: "Hosts that were killed left them; the next host removes them",
    remedy: `start a host, or: rm -r ${stale.join(" ")}`,
    repair: async () => {
      for (const path of stale) remove(path);
      return `removed ${stale.join(", ")}`;
    },
  };
}

/** Removes the owner last, so that a repair that was interrupted can be repeated. */
function remove(path: string): void {
  for (const file of readdirSync(path)) if (file !== OWNER) rmSync(join(path, file), { force: true });
  rmSync(join(path, OWNER), { force: true });
  rmdirSync(path);
}

function directoriesIn(base: string) {
  let names: readonly string[];
  try {
    names = readdirSync(base);
  } catch {
    // It does not exist or cannot be read, which is the problem of the base.
    return [];
  }
  return names.flatMap((name) => {
    const path = join(base, name);
    const stats = DIRECTORY.test(name) ? lstatSync(path, { throwIfNoEntry: false }) : undefined;
    return stats?.isDirectory() === true ? [{ path, stats }] : [];
  });
}

/** Other programs may have directories with the same prefix. */
function hasOwner(path: string): boolean {
  return existsSync(join(path, OWNER));
}

function hasOnlyOurFiles(path: string): boolean {
  try {
    return readdirSync(path).every((file) => OUR_FILE.test(file));
  } catch {
    // Another host is removing the directory.
    return false;
  }
}
