/** Whether tests run in their long form: with `SNAKEPIT_LONG_TESTS=1`, as before a release. */
export const LONG_TESTS = process.env["SNAKEPIT_LONG_TESTS"] === "1";
