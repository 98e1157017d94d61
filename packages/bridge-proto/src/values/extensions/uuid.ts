import { SnakepitError } from "@snakepit/core";
import { type ExtensionReader, ExtensionTag, type ExtensionWriter } from "./extension.ts";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * A `uuid.UUID` of Python. UUIDs with the same digits are different objects; compare their `value`.
 *
 * @example
 * new Uuid(crypto.randomUUID());
 */
export class Uuid {
  /** Lower-case digits in five groups. An own property, so that comparing, printing and cloning include it. */
  readonly value: string;

  /**
   * @param text 32 hexadecimal digits in five groups, in any case.
   * @throws SnakepitError `INVALID_ARGUMENT` for another form.
   */
  constructor(text: string) {
    if (!UUID.test(text)) {
      throw new SnakepitError("INVALID_ARGUMENT", `a UUID must have the form ${EXAMPLE}; got ${JSON.stringify(text)}`);
    }
    this.value = text.toLowerCase();
  }

  /** Lower-case digits in five groups. */
  toString(): string {
    return this.value;
  }

  toJSON(): string {
    return this.value;
  }
}

const EXAMPLE = "123e4567-e89b-12d3-a456-426614174000";

/** Writes the 16 bytes of a UUID. */
export function writeUuid(uuid: Uuid, encoder: ExtensionWriter): void {
  encoder.writeExtensionHeader(ExtensionTag.UUID, 16);
  encoder.writeBytes(Buffer.from(uuid.toString().replaceAll("-", ""), "hex"));
}

export function readUuid(decoder: ExtensionReader): Uuid {
  const hex = decoder.viewBytes(16).toString("hex");
  return new Uuid(`${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`);
}
