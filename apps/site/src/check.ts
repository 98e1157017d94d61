import { REPOSITORY, ROOT } from "./addresses.ts";
import { BUILT_SITE, buildSite } from "./build-site.ts";
import { checkInBrowser } from "./check-in-browser.ts";
import { checkPages } from "./check-pages.ts";

await buildSite();
const problems = checkPages({ folder: BUILT_SITE, root: ROOT, repository: REPOSITORY });
const shown = problems.length > 0 ? problems : await checkInBrowser(BUILT_SITE);
for (const problem of shown) console.error(problem);
if (shown.length > 0) process.exitCode = 1;
