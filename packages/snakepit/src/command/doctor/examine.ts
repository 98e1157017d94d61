import { existsSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { stateDirectory } from "@snakepit/registry";
import { bundledWheel } from "../setup/record-bridge.ts";
import { setUpEnvironment } from "../setup/set-up-environment.ts";
import { readSystemLimits } from "../system/system-limits.ts";
import { checkBridge } from "./checks/bridge.ts";
import { examineEnvironment } from "./checks/environment.ts";
import { examineLibraries } from "./checks/libraries.ts";
import { checkMemory, checkOpenFiles, checkProcesses, type Demand } from "./checks/limits.ts";
import { checkNode } from "./checks/node.ts";
import { checkPython, type UsablePython } from "./checks/python.ts";
import { checkLeftovers, checkRegistry, checkStore, type RegistryCheck } from "./checks/registry.ts";
import { checkSockets } from "./checks/sockets.ts";
import { checkStateDirectory } from "./checks/state-directory.ts";
import { checkTarget } from "./checks/target.ts";
import { checkConfiguration } from "./configuration.ts";
import type { CheckReport, CheckResult, Repair, SkippedCheck } from "./finding.ts";
import type { Subject } from "./subject.ts";

/** The user ID on systems without user IDs, on which the first check fails. */
const NO_UID = -1;

/**
 * Runs all checks. Those that depend on a failed one are skipped. Nothing is changed.
 *
 * @param onStep is called at the start of each check that takes long, with what it does.
 * @param signal ends the examination; rejects with its reason.
 */
export async function examine(
  subject: Subject,
  onStep: (title: string) => void,
  signal: AbortSignal,
): Promise<readonly CheckReport[]> {
  const onCheck = (title: string) => {
    signal.throwIfAborted();
    onStep(title);
  };
  const { configuration, target, registry, store, socketDirectory, env } = subject;
  const uid = process.getuid?.() ?? NO_UID;
  const reports: CheckReport[] = [];
  const report = <Result extends CheckResult | SkippedCheck>(id: string, title: string, result: Result): Result => {
    reports.push({ id, title, result });
    return result;
  };

  report("node", "Node.js", checkNode({ version: process.versions.node, platform: process.platform }));

  if (configuration !== undefined) report("configuration", "Configuration", checkConfiguration(configuration));

  onCheck("Running the interpreter");
  const { result, python } = await checkPython(subject, targetDirectory(subject), signal);
  report("python", "Python", result);
  const bridge = report(
    "bridge",
    "Bridge",
    python === undefined ? { skipped: "no usable Python" } : await bridgeResult(subject, python),
  );

  onCheck("Describing the environment");
  const usable = python === undefined || hasErrors(bridge) ? undefined : python.interpreter.path;
  const unusable = { skipped: "Python or the bridge cannot be used" };
  report(
    "environment",
    "Environment",
    usable === undefined ? unusable : await examineEnvironment(subject, usable, signal),
  );

  const usesStateDirectory = registry === undefined;
  const state = checkStateDirectory({ path: stateDirectory(env), uid, isUsed: usesStateDirectory });
  report("state", "State directory", state);

  onCheck("Opening the process registry");
  const registryCheck = await checkRegistry(registry);
  // The state directory reports the cause.
  const isKnown = usesStateDirectory && hasErrors(state) && hasErrors(registryCheck.result);
  report("registry", "Registry", isKnown ? { skipped: "the state directory cannot be used" } : registryCheck.result);
  report("leftovers", "Leftovers", leftoversResult(registryCheck, registry));
  if (store !== undefined) {
    onCheck("Opening the state store");
    report("store", "State store", await checkStore(store));
  }

  const sockets = report("sockets", "Sockets", checkSockets({ configured: socketDirectory, uid, env }));

  const started = await targetCheck(subject, python, [bridge, sockets], onCheck, signal);
  signal.throwIfAborted();
  if (target !== undefined) {
    report("target", "Target", started.result);
    report(
      "libraries",
      "Libraries",
      usable === undefined ? unusable : await examineLibraries(subject, target, usable, signal),
    );
  }

  const limits = readSystemLimits();
  const demand: Demand = {
    ...subject.poolSize,
    defaultSize: Math.min(2 * limits.processors, subject.poolSize.workers),
  };
  report("files", "Open files", checkOpenFiles(limits, demand));
  report("processes", "Processes", checkProcesses(limits, demand));
  report("memory", "Memory", checkMemory(limits, demand, started.workerMemory));
  return reports;
}

/** Returns the directory of a target that is a file, near which an environment is searched for. */
function targetDirectory({ target, cwd }: Subject): string | undefined {
  const file = target === undefined ? undefined : resolve(cwd, target.replace(/:[A-Za-z_]\w*$/, ""));
  return file !== undefined && existsSync(file) && statSync(file).isFile() ? dirname(file) : undefined;
}

async function bridgeResult(subject: Subject, { interpreter, build }: UsablePython): Promise<CheckResult> {
  const { cwd, env } = subject;
  const { isChoice, path } = interpreter;
  // Without an environment and without a choice, setup creates the environment that a pool then finds.
  const canInstall = build.isEnvironment || !isChoice;
  const command = build.isEnvironment || isChoice ? `npx snakepit setup --python ${path}` : "npx snakepit setup";
  const install: Repair = async (progress) => {
    const python = build.isEnvironment ? path : undefined;
    const { bridge, environment } = await setUpEnvironment({
      python,
      venv: undefined,
      with: [],
      record: false,
      cwd,
      env,
      progress,
    });
    return `installed snakepit-bridge ${bridge} in ${environment}`;
  };
  const facts = { interpreter, isEnvironment: build.isEnvironment, bridge: build.bridge, command };
  return checkBridge({ ...facts, expected: (await bundledWheel()).version }, canInstall ? install : undefined);
}

function leftoversResult({ result, examination }: RegistryCheck, registry: Subject["registry"]) {
  if (examination !== undefined) return checkLeftovers(examination, registry);
  return hasErrors(result) ? { skipped: "the registry cannot be used" } : { facts: "none", findings: [] };
}

async function targetCheck(
  { target, socketDirectory }: Subject,
  python: UsablePython | undefined,
  required: readonly (CheckResult | SkippedCheck)[],
  onCheck: (title: string) => void,
  signal: AbortSignal,
): Promise<{ readonly result: CheckResult | SkippedCheck; readonly workerMemory: number | undefined }> {
  if (target === undefined) return { result: { skipped: "no target was named" }, workerMemory: undefined };
  if (python === undefined || required.some(hasErrors)) {
    return { result: { skipped: "workers cannot start, see above" }, workerMemory: undefined };
  }
  onCheck(`Starting a worker with ${target}`);
  return await checkTarget({ target, interpreter: python.interpreter.path, socketDirectory, signal });
}

/** Whether a check found an error, or could not run because another one did. */
function hasErrors(result: CheckResult | SkippedCheck): boolean {
  return "skipped" in result || result.findings.some(({ severity }) => severity === "error");
}
