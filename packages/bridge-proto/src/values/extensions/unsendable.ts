import { type ExtensionReader, ExtensionTag, type ExtensionWriter } from "./extension.ts";

/** Replaces a value that cannot be sent, if the sender requested marks instead of an error. */
export class Unsendable {
  /** Description of the value, such as `torch.nn.Linear`. */
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

/** Writes a mark: the description of the value, in UTF-8. */
export function writeUnsendable(what: string, encoder: ExtensionWriter): void {
  const text = Buffer.from(what, "utf8");
  encoder.writeExtensionHeader(ExtensionTag.UNSENDABLE, text.length);
  encoder.writeBytes(text);
}

export function readUnsendable(decoder: ExtensionReader): Unsendable {
  return new Unsendable(decoder.readText(decoder.remaining));
}
