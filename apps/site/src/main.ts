import { createServer } from "vitepress";
import { BUILT_SITE, buildSite, SITE, writeReferences } from "./build-site.ts";
import { serveFolder } from "./serve-folder.ts";

const HELP = `Usage: npm run docs              the site, which follows each change of a document
       npm run docs -- build     builds the site into apps/site/dist
       npm run docs -- preview   builds the site and serves it`;

const [command] = process.argv.slice(2);
switch (command) {
  case undefined: {
    await writeReferences();
    const server = await createServer(SITE);
    await server.listen();
    server.printUrls();
    break;
  }
  case "build":
    await buildSite();
    break;
  case "preview": {
    await buildSite();
    const { address } = await serveFolder(BUILT_SITE);
    console.log(`The site is at ${address}`);
    break;
  }
  case "--help":
    console.log(HELP);
    break;
  default:
    console.error(`unknown command "${command}"\n${HELP}`);
    process.exitCode = 2;
}
