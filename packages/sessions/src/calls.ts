/**
 * What whoever makes calls needs of this package, and no more: a program that is being loaded waits for every module of it,
 * and stores, variables and programs can be loaded while the workers start.
 *
 * @module
 */
export { type CallScope, currentCallScope } from "./host-tools/call-scope.ts";
export { hostTool } from "./host-tools/host-tool.ts";
export { checkSessionId } from "./sessions/session-id.ts";
