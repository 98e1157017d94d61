/** The environment variable that identifies a test run in all its processes. */
export const RUN_MARK = "SNAKEPIT_TEST_RUN";

/** The environment variable that names the test file that started a process. */
export const FILE_MARK = "SNAKEPIT_TEST_FILE";
