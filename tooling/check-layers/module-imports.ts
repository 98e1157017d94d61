import { parseSync, Visitor } from "oxc-parser";

/** An import in a source file: static, dynamic, type-only, or a re-export. */
export interface ModuleImport {
  readonly specifier: string;
  readonly line: number;
}

/** Returns the imports of a source file. Comments and strings that look like imports are ignored. */
export function moduleImports(file: string, text: string): readonly ModuleImport[] {
  const { program, errors } = parseSync(file, text);
  if (errors[0] !== undefined) throw new Error(`${file} cannot be parsed: ${errors[0].message}`);
  const found: ModuleImport[] = [];
  const add = (source: unknown) => {
    if (!isStringLiteral(source)) return;
    found.push({ specifier: source.value, line: lineAt(text, source.start) });
  };
  const visitor = new Visitor({
    ImportDeclaration: (node) => add(node.source),
    ExportNamedDeclaration: (node) => add(node.source),
    ExportAllDeclaration: (node) => add(node.source),
    ImportExpression: (node) => add(node.source),
    TSImportType: (node) => add(node.source),
  });
  visitor.visit(program);
  return found;
}

interface StringLiteral {
  readonly type: "Literal";
  readonly value: string;
  readonly start: number;
}

function isStringLiteral(node: unknown): node is StringLiteral {
  const literal = node as Partial<StringLiteral> | null;
  return literal?.type === "Literal" && typeof literal.value === "string";
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}
