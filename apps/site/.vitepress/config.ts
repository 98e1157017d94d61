import { join } from "node:path";
import { slug } from "github-slugger";
import { defineConfig } from "vitepress";
import { pageOf, REFERENCE, REPOSITORY, ROOT, sourceAddress } from "../src/addresses.ts";
import { rewriteLinks } from "../src/document-links.ts";
import { contents, pythonReference, typeScriptReference } from "../src/navigation.ts";

const TYPESCRIPT = "/reference/typescript/";
const PYTHON = "/reference/python/";

/**
 * Pages are outside of this package and cannot resolve its dependencies. The server bundle, inside, resolves them when
 * it runs.
 */
const externalVue = {
  name: "external-vue",
  enforce: "pre" as const,
  resolveId: (id: string, _importer: string | undefined, { ssr }: { readonly ssr?: boolean }) =>
    ssr && /^vue(\/|$)/.test(id) ? { id, external: true } : undefined,
};

export default defineConfig({
  title: "Snakepit",
  description: "Call Python from Node.js as if it were a local async function",
  lang: "en-US",
  base: process.env["SNAKEPIT_SITE_BASE"] ?? "/",
  // Documents stay where readers of the repository look for them; addresses.ts lists those that are pages.
  srcDir: ROOT,
  srcExclude: ["README.md", "**/CHANGELOG.md", "apps/site/README.md", "packages/*/third-party/**"],
  outDir: join(import.meta.dirname, "../dist"),
  cacheDir: join(import.meta.dirname, "cache"),
  rewrites: (document) => {
    const page = pageOf(document);
    if (page === undefined) throw new Error(`${document} has no address; add one to apps/site/src/addresses.ts`);
    return page;
  },
  vite: {
    publicDir: false,
    // Otherwise Vite would look for pages of an application in the whole repository.
    optimizeDeps: { entries: [] },
    server: { watch: { ignored: ["**/.venv/**", "**/.tools/**", "**/dist/**"] } },
    build: { chunkSizeWarningLimit: 4000 },
    plugins: [externalVue],
  },
  markdown: {
    // As GitHub does, so that a link to a heading works in both places.
    anchor: { slugify: slug },
    config: (markdown) => {
      markdown.core.ruler.push("site-links", ({ tokens, env }) => rewriteLinks(tokens, env.realPath ?? env.path));
    },
  },
  transformPageData: (page) => {
    const isReference = page.filePath.startsWith(REFERENCE);
    return { frontmatter: { ...page.frontmatter, ...(isReference ? { editLink: false } : {}) } };
  },
  themeConfig: {
    search: {
      provider: "local",
      // Guides before the references. VitePress runs the source of this function in the browser.
      options: {
        miniSearch: { searchOptions: { boostDocument: (id: string) => (id.includes("/reference/") ? 0.2 : 1) } },
      },
    },
    outline: { level: [2, 3] },
    nav: [
      { text: "Guide", link: "/quick-start", activeMatch: "^/(?!reference|decisions)" },
      { text: "TypeScript API", link: TYPESCRIPT },
      { text: "Python API", link: PYTHON },
      { text: "Decisions", link: "/documentation#decisions", activeMatch: "^/decisions/" },
      // The development server would load an icon for it from another host.
      { text: "GitHub", link: REPOSITORY },
    ],
    sidebar: { ...typeScriptReference(), [PYTHON]: pythonReference(), "/": contents() },
    editLink: { pattern: sourceAddress(":path"), text: "View the source of this page" },
    footer: { message: "MIT license" },
  },
});
