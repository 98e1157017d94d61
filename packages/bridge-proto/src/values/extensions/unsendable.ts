import { type ExtensionReader, ExtensionTag, type ExtensionWriter } from "./extension.ts";

/** Stands where something could not be sent, when the sender asked for marks and not for an error. */
export class Unsendable {
  /** What it was: `torch.nn.Linear`. */
  readonly what: string;

  constructor(what: string) {
    this.what = what;
  }

  /** `<torch.nn.Linear>` */
  toString(): string {
    return `<${this.what}>`;
  }

  toJSON(): string {
    return this.toString();
  }
}

/** A mark: what could not be sent, in UTF-8. */
export function writeUnsendable(what: string, encoder: ExtensionWriter): void {
  const text = Buffer.from(what, "utf8");
  encoder.writeExtensionHeader(ExtensionTag.UNSENDABLE, text.length);
  encoder.writeBytes(text);
}

export function readUnsendable(decoder: ExtensionReader): Unsendable {
  return new Unsendable(decoder.readText(decoder.remaining));
}
