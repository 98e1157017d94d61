import { ASTNodeTypes, type TxtDocumentNode, type TxtParagraphNode, type TxtStrNode } from "@textlint/ast-node-types";
import type { TextlintMessage, TextlintPluginCreator } from "@textlint/kernel";
import type { Passage } from "./passage.ts";

/** Stands between two passages; no pattern reaches across it. */
const SEPARATOR = "\n¶\n";

/** Passages as one document, and the way back from an offset in it. */
export function toDocument(passages: readonly Passage[]): {
  readonly text: string;
  readonly passageAt: (offset: number) => Passage;
} {
  const text = passages.map((passage) => passage.text).join(SEPARATOR);
  return {
    text,
    passageAt: (offset) => {
      const owner = passages[text.slice(0, offset).split(SEPARATOR).length - 1];
      if (owner === undefined) throw new Error(`no passage at offset ${offset}`);
      return owner;
    },
  };
}

/** Reads such a document for textlint: as a single string, since a rule compiles its patterns for each. */
export const passagesPlugin: TextlintPluginCreator = {
  Processor: class {
    availableExtensions() {
      return [".passages"];
    }
    processor() {
      return { preProcess, postProcess: (messages: TextlintMessage[], filePath = "") => ({ messages, filePath }) };
    }
  },
};

function preProcess(raw: string): TxtDocumentNode {
  const lines = raw.split("\n");
  const range: [number, number] = [0, raw.length];
  const loc = { start: { line: 1, column: 0 }, end: { line: lines.length, column: lines.at(-1)?.length ?? 0 } };
  const string: TxtStrNode = { type: ASTNodeTypes.Str, raw, value: raw, range, loc };
  const paragraph: TxtParagraphNode = { type: ASTNodeTypes.Paragraph, raw, range, loc, children: [string] };
  return { type: ASTNodeTypes.Document, raw, range, loc, children: [paragraph] };
}
