export { findInterpreter, type InterpreterSearch } from "./interpreter/find-interpreter.ts";
export type { Interpreter } from "./interpreter/interpreter.ts";
export {
  findPythonProject,
  type PythonProject,
  projectOfInterpreter,
} from "./interpreter/python-project.ts";
export { interpreterOf } from "./interpreter/virtual-environment.ts";
export { type PythonOptions, python } from "./python.ts";
