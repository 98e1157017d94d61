/** Environment variable that every process of one test run carries. */
export const RUN_MARK = "SNAKEPIT_TEST_RUN";

/** Environment variable that names the test file by which a process was started. */
export const FILE_MARK = "SNAKEPIT_TEST_FILE";
