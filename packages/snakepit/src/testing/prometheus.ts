import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

/** A vector of the HTTP API (https://prometheus.io/docs/prometheus/latest/querying/api/). */
interface QueryAnswer {
  readonly status: "success" | "error";
  readonly error?: string;
  readonly data?: { readonly result: readonly { readonly value: readonly [number, string] }[] };
}

interface ExemplarsAnswer {
  readonly data: readonly { readonly exemplars: readonly { readonly labels: { readonly trace_id: string } }[] }[];
}

export interface RulesAnswer {
  readonly data: { readonly groups: readonly { readonly rules: readonly RuleState[] }[] };
}

interface RuleState {
  readonly name: string;
  readonly health: string;
  readonly lastError?: string;
}

/** A real Prometheus on loopback, with a temporary directory. */
export class Prometheus implements AsyncDisposable {
  readonly #url: string;
  readonly #end: () => Promise<void>;

  private constructor(url: string, end: () => Promise<void>) {
    this.#url = url;
    this.#end = end;
  }

  /**
   * Starts Prometheus, which scrapes a target five times per second. Resolves when it accepts requests.
   *
   * @param target the address of `/metrics`: `127.0.0.1:9464`.
   * @param rules the path of a file of rules.
   */
  static async start(target: string, rules: string): Promise<Prometheus> {
    const directory = mkdtempSync(join(tmpdir(), "snakepit-prometheus-"));
    const config = join(directory, "prometheus.yml");
    const settings = {
      global: { scrape_interval: "200ms", evaluation_interval: "1s" },
      rule_files: [rules],
      scrape_configs: [{ job_name: "snakepit", static_configs: [{ targets: [target] }] }],
    };
    // JSON is YAML.
    writeFileSync(config, JSON.stringify(settings));
    const child = spawn(
      "prometheus",
      [
        `--config.file=${config}`,
        `--storage.tsdb.path=${directory}/data`,
        "--web.listen-address=127.0.0.1:0",
        "--enable-feature=exemplar-storage",
      ],
      { stdio: ["ignore", "ignore", "pipe"] },
    );
    const exited = new Promise<void>((resolve) => {
      child.once("exit", () => resolve());
      // It could not be started.
      child.once("error", () => resolve());
    });
    const end = async () => {
      child.kill("SIGTERM");
      await exited;
      rmSync(directory, { recursive: true });
    };
    const lines: string[] = [];
    const address = Promise.withResolvers<string>();
    createInterface({ input: child.stderr }).on("line", (line) => {
      lines.push(line);
      const found = /msg="Listening on" address=(\S+)/.exec(line)?.[1];
      if (found !== undefined) address.resolve(found);
    });
    child.once("error", address.reject);
    void exited.then(() => address.reject(new Error(`prometheus has ended:\n${lines.join("\n")}`)));
    try {
      const prometheus = new Prometheus(`http://${await address.promise}`, end);
      while (!(await prometheus.#isReady()));
      return prometheus;
    } catch (thrown) {
      await end();
      throw thrown;
    }
  }

  /** Executes a query; returns the values. */
  async query(expression: string): Promise<readonly number[]> {
    const answer = (await this.get(`query?${new URLSearchParams({ query: expression })}`)) as QueryAnswer;
    if (answer.status !== "success") throw new Error(`${expression}: ${answer.error}`);
    return (answer.data?.result ?? []).map(({ value }) => Number(value[1]));
  }

  /** Resolves when a scrape that has begun after this call has succeeded. */
  async scraped(): Promise<void> {
    const since = Date.now() / 1_000;
    while (!(await this.query("timestamp(up) and up == 1")).some((at) => at > since)) await sleep(20);
  }

  /** Returns the IDs of the traces of the exemplars of a series. */
  async exemplars(series: string): Promise<readonly string[]> {
    const now = Date.now() / 1_000;
    const query = new URLSearchParams({ query: series, start: `${now - 600}`, end: `${now + 60}` });
    const { data } = (await this.get(`query_exemplars?${query}`)) as ExemplarsAnswer;
    return data.flatMap(({ exemplars }) => exemplars.map(({ labels }) => labels.trace_id));
  }

  /** Reads an address of the API. */
  async get(path: string): Promise<unknown> {
    const response = await fetch(`${this.#url}/api/v1/${path}`, { headers: { connection: "close" } });
    return await response.json();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end();
  }

  async #isReady(): Promise<boolean> {
    const response = await fetch(`${this.#url}/-/ready`, { headers: { connection: "close" } });
    await response.text();
    return response.ok;
  }
}
