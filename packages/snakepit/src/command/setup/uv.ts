import { runTool } from "./run-tool.ts";

/** Whether uv is there (https://docs.astral.sh/uv/): it needs neither venv nor pip. */
export async function hasUv(env: NodeJS.ProcessEnv = process.env): Promise<boolean> {
  return (await runTool(["uv", "--version"], { env })).status === 0;
}
