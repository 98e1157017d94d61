import { expect, test } from "vitest";
import { workerEnvironment } from "./worker-environment.ts";

const THREADS = {
  OMP_NUM_THREADS: "1",
  OPENBLAS_NUM_THREADS: "1",
  MKL_NUM_THREADS: "1",
  NUMEXPR_NUM_THREADS: "1",
  VECLIB_MAXIMUM_THREADS: "1",
};

test("numeric libraries use one thread, and Python output is unbuffered", () => {
  expect(workerEnvironment({}, 1)).toEqual({ ...THREADS, PYTHONUNBUFFERED: "1" });
});

test("configured variables are kept, and later ones take precedence", () => {
  const host = { OMP_NUM_THREADS: "8", A: "host", B: "host", C: "host" };
  expect(workerEnvironment(host, 1, { A: "spec", B: "spec", PYTHONUNBUFFERED: "0" }, { B: "pool" })).toEqual({
    ...THREADS,
    OMP_NUM_THREADS: "8",
    PYTHONUNBUFFERED: "0",
    A: "spec",
    B: "pool",
    C: "host",
  });
});

test("a removed variable gets no default", () => {
  const env = workerEnvironment({ A: "1" }, 1, { A: undefined, MKL_NUM_THREADS: undefined });
  expect(env["A"]).toBeUndefined();
  expect(env["MKL_NUM_THREADS"]).toBeUndefined();
});

test("a host that runs inside a worker does not pass on the ID of that worker", () => {
  const env = workerEnvironment({ SNAKEPIT_WORKER_ID: "outer-1", SNAKEPIT_ZYGOTE_ID: "outer/zygote-1" }, 1);
  expect(env).not.toHaveProperty("SNAKEPIT_WORKER_ID");
  expect(env).not.toHaveProperty("SNAKEPIT_ZYGOTE_ID");
});
