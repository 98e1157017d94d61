import type { ProblemMessage } from "../../src/contract/live.ts";

/** A request that the host has answered with a problem, or has not answered. */
export class RequestProblem extends Error {
  /** The error code of the host; `UNREACHABLE` without an answer. */
  readonly code: string;
  readonly status: number;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.name = "RequestProblem";
    this.status = status;
    this.code = code;
  }
}

/** Reads data of the host. Rejects with a {@link RequestProblem}. */
export async function read<Data>(path: string, signal?: AbortSignal): Promise<Data> {
  return await request<Data>(path, signal === undefined ? {} : { signal });
}

/** Starts an action. Rejects with a {@link RequestProblem}. */
export async function act<Data>(path: string, body?: unknown): Promise<Data> {
  const headers = { "content-type": "application/json" };
  return await request<Data>(path, { method: "POST", headers, body: JSON.stringify(body ?? {}) });
}

async function request<Data>(path: string, init: RequestInit): Promise<Data> {
  let response: Response;
  let body: unknown;
  try {
    response = await fetch(path, { ...init, credentials: "same-origin" });
    const text = await response.text();
    body = text === "" ? undefined : JSON.parse(text);
  } catch (thrown) {
    if (init.signal?.aborted) throw thrown;
    throw new RequestProblem(0, "UNREACHABLE", "the host does not answer");
  }
  if (response.ok) return body as Data;
  const { error } = (body ?? {}) as Partial<ProblemMessage>;
  throw new RequestProblem(response.status, error?.code ?? "INTERNAL", error?.message ?? `status ${response.status}`);
}
