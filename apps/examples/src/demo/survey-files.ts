import { type PoolClient, SnakepitError } from "snakepit";
import type { FileMetrics } from "./file-metrics.ts";
import { ProgressBar } from "./progress-bar.ts";
import { Survey } from "./survey.ts";

export interface SurveyRun {
  readonly survey: Survey;
  readonly seconds: number;
  /** Calls that were made again because their worker had died. */
  readonly repeated: number;
}

export interface SurveyOptions {
  readonly label: string;
  /** Calls in flight. */
  readonly callers: number;
  /** Called after each file with the number of files done. */
  readonly onFile?: (done: number) => void;
}

/** Measures all files, a few at a time; results count as they come. */
export async function surveyFiles(
  pool: PoolClient,
  files: readonly string[],
  options: SurveyOptions,
): Promise<SurveyRun> {
  const survey = new Survey();
  const bar = new ProgressBar(options.label, files.length);
  const rest = files.values();
  let repeated = 0;

  const caller = async () => {
    for (const path of rest) {
      survey.add(await measure(path));
      bar.show(survey.files);
      options.onFile?.(survey.files);
    }
  };
  const measure = async (path: string): Promise<FileMetrics> => {
    try {
      return await pool.execute<FileMetrics>("measure", { path });
    } catch (error) {
      // Reading a file twice does no harm, so a call that lost its worker is simply made again.
      if (!(error instanceof SnakepitError && error.code === "WORKER_CRASHED")) throw error;
      repeated += 1;
      return measure(path);
    }
  };

  await Promise.all(Array.from({ length: options.callers }, caller));
  const { seconds } = bar;
  bar.finish();
  return { survey, seconds, repeated };
}
