import { globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import {
  Application,
  DeclarationReflection,
  Logger,
  LogLevel,
  type ProjectReflection,
  SignatureReflection,
} from "typedoc";
import { REPOSITORY, ROOT, sourceAddress } from "./addresses.ts";

/** The parts of a package.json that this module reads. */
interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly exports: Readonly<Record<string, string | { readonly source?: string }>>;
}

/** One module that users can import. */
interface EntryPoint {
  /** As users import it: `@snakepit/core/conformance`. */
  readonly specifier: string;
  /** The absolute path of its source file. */
  readonly source: string;
}

/** Generated from the `.proto` files, which are its reference. */
const GENERATED = join(ROOT, "packages/*/src/gen/**");
const GENERATED_ENTRY_POINT = "@snakepit/gateway/grpc";

/** Options of typedoc-plugin-markdown, for pages that VitePress compiles as Vue templates. */
const MARKDOWN_OPTIONS = {
  router: "member",
  entryFileName: "index",
  excludeScopesInPaths: true,
  hidePageHeader: true,
  hideBreadcrumbs: true,
  useCodeBlocks: true,
  useHTMLEncodedBrackets: true,
  sanitizeComments: true,
  parametersFormat: "table",
  enumMembersFormat: "table",
} as const;

/**
 * Writes the reference of all published TypeScript packages as Markdown: one page for each exported name.
 *
 * @param folder the folder for the pages; its previous contents are removed
 * @returns the warnings, such as a `{@link}` to an unknown name
 */
export async function writeTypeScriptReference(folder: string): Promise<readonly string[]> {
  const entryPoints = publishedEntryPoints();
  const app = await Application.bootstrapWithPlugins({
    plugin: ["typedoc-plugin-markdown"],
    entryPoints: entryPoints.map(({ source }) => source),
    tsconfig: join(ROOT, "apps/site/tsconfig.reference.json"),
    exclude: [GENERATED],
    excludeInternal: true,
    // The check `types` reports what does not compile.
    skipErrorChecking: true,
    name: "TypeScript reference",
    readme: "none",
    basePath: ROOT,
    disableGit: true,
    // TypeDoc requires a template without git; linkSources() replaces its links.
    sourceLinkTemplate: REPOSITORY,
    ...MARKDOWN_OPTIONS,
  });
  const logger = new WarningCollector();
  app.logger = logger;
  const project = await app.convert();
  if (project === undefined) return logger.warnings;
  nameModules(project, entryPoints);
  linkSources(project);
  app.validate(project);
  await app.outputs.writeOutput({ name: "markdown", path: folder }, project);
  return logger.warnings;
}

class WarningCollector extends Logger {
  readonly warnings: string[] = [];

  override log(message: string, level: LogLevel): void {
    super.log(message, level);
    if (level >= LogLevel.Warn) this.warnings.push(message);
  }
}

/** Modules are named as they are imported, and not after their files. */
function nameModules(project: ProjectReflection, entryPoints: readonly EntryPoint[]): void {
  for (const module of project.children ?? []) {
    const file = module.sources?.[0]?.fullFileName;
    const found = entryPoints.find(({ source }) => source === file);
    if (found === undefined) throw new Error(`TypeDoc documents ${file}, which is not an entry point`);
    module.name = found.specifier;
  }
}

/** Links each declaration to its line in the repository. */
function linkSources(project: ProjectReflection): void {
  for (const reflection of Object.values(project.reflections)) {
    if (!(reflection instanceof DeclarationReflection || reflection instanceof SignatureReflection)) continue;
    for (const source of reflection.sources ?? []) {
      source.url = `${sourceAddress(relative(ROOT, source.fullFileName))}#L${source.line}`;
    }
  }
}

function publishedEntryPoints(): readonly EntryPoint[] {
  return globSync("packages/*/package.json", { cwd: ROOT })
    .sort()
    .flatMap((file) => {
      const manifest = JSON.parse(readFileSync(join(ROOT, file), "utf8")) as Manifest;
      return manifest.private === true ? [] : entryPointsOf(manifest, join(ROOT, dirname(file)));
    })
    .filter(({ specifier }) => specifier !== GENERATED_ENTRY_POINT);
}

function entryPointsOf({ name, exports }: Manifest, folder: string): readonly EntryPoint[] {
  return Object.entries(exports).flatMap(([subpath, target]) => {
    // Test support has a pattern as its subpath, and is not published.
    if (typeof target === "string" || target.source === undefined || subpath.includes("*")) return [];
    return [{ specifier: name + subpath.slice(1), source: join(folder, target.source) }];
  });
}
