import { randomBytes } from "node:crypto";
import { runSql } from "./run-sql.ts";

/** Creates an empty database on the server of `url`, and resolves with its URL. */
export async function createDatabase(url: string): Promise<string> {
  const name = `test_${randomBytes(6).toString("hex")}`;
  await runSql(url, `create database ${name}`);
  return Object.assign(new URL(url), { pathname: `/${name}` }).href;
}
