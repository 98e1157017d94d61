import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { CONTRACT } from "./contract.ts";

/** Generates the TypeScript of the contract with buf and ts-proto, as configured in `buf.gen.yaml`, into `<base>/src/gen`. */
export function generateTypeScript(base: string): void {
  execFileSync("buf", ["generate", "--output", base], { cwd: CONTRACT, stdio: "inherit" });
}

/** The committed result. */
export const TYPESCRIPT_CODE = join(CONTRACT, "src/gen");
