import { type PoolClient, SnakepitError } from "snakepit";
import { ProgressBar } from "./progress-bar.ts";
import { type FileMetrics, Survey } from "./survey.ts";

export interface SurveyRun {
  readonly survey: Survey;
  readonly seconds: number;
  /** Calls that were retried because their worker had crashed. */
  readonly retried: number;
}

export interface SurveyOptions {
  readonly label: string;
  /** Calls in flight. */
  readonly callers: number;
  /** Called after each file with the number of files done. */
  readonly onFile?: (done: number) => void;
}

/** Measures all files, a few at a time, and adds each result to the survey as it arrives. */
export async function surveyFiles(
  pool: PoolClient,
  files: readonly string[],
  options: SurveyOptions,
): Promise<SurveyRun> {
  const survey = new Survey();
  const bar = new ProgressBar(options.label, files.length);
  const rest = files.values();
  let retried = 0;

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
      // The tool only reads a file, so a call whose worker crashed can safely be retried.
      if (!(error instanceof SnakepitError && error.code === "WORKER_CRASHED")) throw error;
      retried += 1;
      return measure(path);
    }
  };

  await Promise.all(Array.from({ length: options.callers }, caller));
  const { seconds } = bar;
  bar.finish();
  return { survey, seconds, retried };
}
