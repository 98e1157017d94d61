/**
 * The part of this package that calls use. It is a separate entry point to shorten start-up: stores, variables and
 * programs can be loaded while the workers start.
 *
 * @module
 */
export { type CallScope, currentCallScope } from "./host-tools/call-scope.ts";
export { hostTool } from "./host-tools/host-tool.ts";
export { checkSessionId } from "./sessions/session-id.ts";
