/** One function of a Python source file. */
export interface FunctionMetrics {
  readonly name: string;
  readonly line: number;
  readonly length: number;
  readonly complexity: number;
}

/** What the tool `measure` returns for one file. */
export interface FileMetrics {
  readonly path: string;
  readonly lines: number;
  readonly functions: readonly FunctionMetrics[];
  readonly imports: readonly string[];
  readonly error: string | null;
}

/** A function and the file that defines it. */
export interface FoundFunction extends FunctionMetrics {
  readonly path: string;
}

/** The totals of all files measured so far. */
export class Survey {
  files = 0;
  lines = 0;
  functions = 0;
  unreadable = 0;
  #complexity = 0;
  mostComplex: FoundFunction | undefined;
  longest: FoundFunction | undefined;
  readonly #imports = new Map<string, number>();

  add(file: FileMetrics): void {
    this.files += 1;
    this.lines += file.lines;
    if (file.error !== null) this.unreadable += 1;
    for (const name of new Set(file.imports)) this.#imports.set(name, (this.#imports.get(name) ?? 0) + 1);
    for (const each of file.functions) this.#addFunction({ ...each, path: file.path });
  }

  get meanComplexity(): number {
    return this.functions === 0 ? 0 : this.#complexity / this.functions;
  }

  /** The modules that the most files import, in descending order. */
  mostImported(count: number): [name: string, files: number][] {
    return [...this.#imports].toSorted((a, b) => b[1] - a[1]).slice(0, count);
  }

  #addFunction(found: FoundFunction): void {
    this.functions += 1;
    this.#complexity += found.complexity;
    if (found.complexity > (this.mostComplex?.complexity ?? 0)) this.mostComplex = found;
    if (found.length > (this.longest?.length ?? 0)) this.longest = found;
  }
}
