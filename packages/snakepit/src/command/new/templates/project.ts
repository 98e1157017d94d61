import { PACKAGE_VERSION } from "../../../package-version.ts";

/** The content of new files by their names. */
export type ProjectFiles = Readonly<Record<string, string>>;

/** What an application template adds to the common files. */
export interface AppTemplate {
  readonly description: string;
  /** The paragraphs of the README about its files and commands. */
  readonly readme: string;
  readonly files: ProjectFiles;
}

/** Returns the files of an application: those of a template, with the manifest, the settings and the README. */
export function appFiles(name: string, { description, readme, files }: AppTemplate): ProjectFiles {
  return {
    "package.json": json({
      name,
      version: "0.0.0",
      private: true,
      description,
      type: "module",
      engines: { node: ">=22.18" },
      scripts: {
        setup: "snakepit setup --venv .venv --with pytest",
        start: "node main.ts",
        test: "npm run check && npm run test:python && npm run test:node",
        check: "tsc",
        "test:python": ".venv/bin/python -m pytest",
        "test:node": "node --test main.test.ts",
      },
      dependencies: { snakepit: `^${PACKAGE_VERSION}` },
      devDependencies: { "@types/node": "^22.18.0", typescript: "^7.0.2" },
    }),
    "tsconfig.json": json({
      compilerOptions: {
        target: "es2024",
        lib: ["es2024", "esnext.array", "esnext.disposable"],
        module: "nodenext",
        types: ["node"],
        noEmit: true,
        strict: true,
        noUncheckedIndexedAccess: true,
        // Node.js runs the sources, and removes only the types.
        erasableSyntaxOnly: true,
        verbatimModuleSyntax: true,
        allowImportingTsExtensions: true,
        skipLibCheck: true,
      },
      include: ["*.ts"],
    }),
    ".gitignore": "node_modules/\n.venv/\n__pycache__/\n.pytest_cache/\n",
    "README.md": appReadme(name, description, readme),
    "snakepit.config.ts": CONFIG,
    ...files,
  };
}

const CONFIG = `import { defineConfig, python } from "snakepit";

// The pools of worker processes. All options: https://github.com/snakepit-js/snakepit/blob/main/docs/configuration.md
export default defineConfig({
  worker: python("./tools.py", { python: ".venv" }),
  size: 2,
});
`;

function appReadme(name: string, description: string, readme: string): string {
  return `# ${name}

${description}

\`\`\`sh
npm install
npm run setup    # creates .venv with the Python side of snakepit, and pytest
npm start
npm test         # types, Python tests, tests of both together
\`\`\`

${readme}
Call a tool from the command line, or measure it:

\`\`\`sh
npx snakepit call count_words --args '{"text": "the snake in the pit"}'
npx snakepit bench count_words --args '{"text": "the snake in the pit"}'
\`\`\`
`;
}

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
