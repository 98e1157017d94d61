/** Whether a source file is a test or support for tests: neither is published. */
export function isTestCode(file: string): boolean {
  return /\.test(-d)?\.ts$/.test(file) || /(^|\/)(testing|tests?|testdata)\//.test(file);
}
