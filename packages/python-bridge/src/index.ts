export type { Compatibility } from "./compatibility/check-library.ts";
export { compatibility } from "./compatibility/compatibility.ts";
export type {
  ForkCompatibility,
  FreeThreadingCompatibility,
  FreeThreadingSupport,
  ThreadCompatibility,
  Verdict,
} from "./compatibility/library-table.ts";
export type { CompatibilityReport, ImportedLibrary, ReportOptions } from "./compatibility/report-imports.ts";
export {
  type Accelerator,
  type Accelerators,
  type DescribePythonOptions,
  describePython,
  type Memory,
  type Processors,
  type PythonEnvironment,
} from "./environment/describe-python.ts";
export type { InterpreterChoice } from "./environment/run-bridge.ts";
export { findInterpreter, type InterpreterSearch } from "./interpreter/find-interpreter.ts";
export type { BrokenEnvironment, Interpreter } from "./interpreter/interpreter.ts";
export {
  findPythonProject,
  type PythonProject,
  projectOfInterpreter,
} from "./interpreter/python-project.ts";
export { brokenEnvironment, interpreterOf } from "./interpreter/virtual-environment.ts";
export { python } from "./python.ts";
export type { PythonOptions } from "./python-options.ts";
