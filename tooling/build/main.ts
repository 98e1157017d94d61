// Bundles packages into `dist`, in which the compiler has written their declarations: main.ts [FOLDER]…; all packages
// by default.
import { resolve } from "node:path";
import { bundlePackage, publishedFolders } from "./bundle-package.ts";

const folders = process.argv.slice(2).map((folder) => resolve(folder));
await Promise.all((folders.length > 0 ? folders : publishedFolders()).map(bundlePackage));
