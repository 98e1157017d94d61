import { resolve } from "node:path";
import { checkLinks } from "./check-links.ts";

const broken = checkLinks(resolve(import.meta.dirname, "../.."));
for (const { file, line, message } of broken) console.error(`${file}:${line}: ${message}`);
if (broken.length > 0) process.exitCode = 1;
