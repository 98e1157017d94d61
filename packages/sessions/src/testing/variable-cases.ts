import { readFileSync } from "node:fs";
import { SnakepitError } from "@snakepit/core";
import { checkVariable } from "../variables/types/check-variable.ts";
import { defineVariable } from "../variables/types/variable-definition.ts";
import { fromNotation, type Notation, toNotation } from "./value-notation.ts";

/** A definition of the variable `x`, and optionally a value for it. */
export interface VariableCase {
  readonly type: Notation;
  readonly constraints?: Readonly<Record<string, Notation>>;
  readonly value?: Notation;
}

/** The outcome of a case. */
export type VariableAnswer =
  | { readonly keeps: Notation }
  | { readonly defines: Readonly<Record<string, Notation>> }
  | { readonly error: { readonly message: string; readonly reason: string; readonly constraint?: string } };

/** A case on which both languages agree. A value is stored unchanged unless `keeps` specifies another. */
export interface VariableVector extends VariableCase {
  readonly name: string;
  readonly keeps?: Notation;
  readonly defines?: Readonly<Record<string, Notation>>;
  readonly error?: { readonly message: string; readonly reason: string; readonly constraint?: string };
}

export function readVariableVectors(): readonly VariableVector[] {
  return JSON.parse(readFileSync(new URL("../../vectors/variables.json", import.meta.url), "utf8"));
}

/** Returns the expected outcome of a case. */
export function expectedAnswer({ error, keeps, defines, value }: VariableVector): VariableAnswer {
  if (error !== undefined) return { error };
  return value === undefined ? { defines: defines ?? {} } : { keeps: keeps ?? value };
}

/** Defines the variable and checks the value, if any. */
export function answer({ type, constraints, value }: VariableCase): VariableAnswer {
  const given = constraints && Object.entries(constraints).map(([name, each]) => [name, fromNotation(each)] as const);
  try {
    const definition = defineVariable("x", fromNotation(type), given && Object.fromEntries(given));
    if (value === undefined) return { defines: inNotation(definition.constraints) };
    return { keeps: toNotation(checkVariable(definition.type, definition.constraints, fromNotation(value), "x")) };
  } catch (error) {
    if (!(error instanceof SnakepitError) || error.code !== "INVALID_ARGUMENT") throw error;
    const { variable, ...details } = error.details;
    if (variable !== "x") throw error;
    return { error: { message: error.message, ...(details as { reason: string }) } };
  }
}

/** Returns the answer in its TypeScript form, in which 3.0 and 3 are equal. */
export function inTypeScript(given: VariableAnswer): VariableAnswer {
  if ("keeps" in given) return { keeps: toNotation(fromNotation(given.keeps)) };
  if ("error" in given) return given;
  return {
    defines: inNotation(Object.fromEntries(Object.entries(given.defines).map(([k, v]) => [k, fromNotation(v)]))),
  };
}

function inNotation(values: object): Readonly<Record<string, Notation>> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, toNotation(value)]));
}
