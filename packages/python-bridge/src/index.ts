export { findInterpreter, type InterpreterSearch } from "./interpreter/find-interpreter.ts";
export type { Interpreter } from "./interpreter/interpreter.ts";
export { interpreterOf } from "./interpreter/virtual-environment.ts";
export { type PythonOptions, python } from "./python.ts";
