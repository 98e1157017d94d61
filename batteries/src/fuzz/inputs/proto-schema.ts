import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A field of a message. */
export interface ProtoField {
  readonly name: string;
  readonly number: number;
  /** A scalar type, or the name of a message or an enum without its package. */
  readonly type: string;
  readonly repeated: boolean;
}

/** A method of a service. */
export interface ProtoMethod {
  readonly path: string;
  readonly request: string;
  readonly requestStream: boolean;
  readonly responseStream: boolean;
}

/** The messages and methods of the `.proto` files. Reading them keeps the battery complete when fields are added. */
export class ProtoSchema {
  readonly #messages = new Map<string, readonly ProtoField[]>(STRUCT);
  readonly #enums = new Set<string>();
  readonly methods: readonly ProtoMethod[];

  /** @param folder the folder of the files. */
  constructor(folder: string) {
    const methods: ProtoMethod[] = [];
    for (const file of readdirSync(folder)) {
      const source = readFileSync(join(folder, file), "utf8").replaceAll(/\/\/.*$/gm, "");
      for (const [, name = ""] of source.matchAll(/^enum (\w+)/gm)) this.#enums.add(name);
      for (const [, name = "", body = ""] of source.matchAll(/^message (\w+) \{((?:[^{}]|\{[^{}]*\})*)\}/gm)) {
        this.#addMessage(name, body);
      }
      methods.push(...methodsIn(source));
    }
    this.methods = methods;
  }

  /** Returns the fields of a message. Throws if it is unknown. */
  fields(message: string): readonly ProtoField[] {
    const fields = this.#messages.get(message);
    if (fields === undefined) throw new Error(`unknown message ${message}`);
    return fields;
  }

  isMessage(type: string): boolean {
    return this.#messages.has(type);
  }

  #addMessage(name: string, body: string): void {
    const fields: ProtoField[] = [];
    for (const [, label, type = "", field = "", number] of body.matchAll(FIELD)) {
      fields.push({ name: field, number: Number(number), type: lastPart(type), repeated: label === "repeated" });
    }
    for (const [, value = "", field = "", number] of body.matchAll(MAP)) {
      const entry = `${name}.${field}`;
      this.#messages.set(entry, [scalar("key", 1, "string"), scalar("value", 2, value)]);
      fields.push({ name: field, number: Number(number), type: entry, repeated: true });
    }
    this.#messages.set(name, fields);
  }
}

const FIELD = /^\s*(?:(repeated|optional)\s+)?([\w.]+) (\w+) = (\d+)/gm;
const MAP = /^\s*map<string, (\w+)> (\w+) = (\d+)/gm;

function methodsIn(source: string): ProtoMethod[] {
  const [, proto = ""] = /^package ([\w.]+);/m.exec(source) ?? [];
  return Array.from(source.matchAll(/^service (\w+) \{([^}]*)/gm), ([, service = "", body = ""]) =>
    Array.from(body.matchAll(/rpc (\w+)\((stream )?([\w.]+)\)\s*returns \((stream )?/g), (match) => ({
      path: `/${proto}.${service}/${match[1]}`,
      request: lastPart(match[3] ?? ""),
      requestStream: match[2] !== undefined,
      responseStream: match[4] !== undefined,
    })),
  ).flat();
}

function scalar(name: string, number: number, type: string, repeated = false): ProtoField {
  return { name, number, type, repeated };
}

function lastPart(type: string): string {
  return type.slice(type.lastIndexOf(".") + 1);
}

/** `google.protobuf.Struct`, which is not among the files. */
const STRUCT: readonly (readonly [string, readonly ProtoField[]])[] = [
  ["Struct", [scalar("fields", 1, "StructEntry", true)]],
  ["StructEntry", [scalar("key", 1, "string"), scalar("value", 2, "Value")]],
  ["ListValue", [scalar("values", 1, "Value", true)]],
  [
    "Value",
    [
      scalar("null_value", 1, "NullValue"),
      scalar("number_value", 2, "double"),
      scalar("string_value", 3, "string"),
      scalar("bool_value", 4, "bool"),
      scalar("struct_value", 5, "Struct"),
      scalar("list_value", 6, "ListValue"),
    ],
  ],
];
