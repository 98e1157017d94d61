const FRAME = /^ {2}File "([^"]*)", line \d+ in /;
const MACHINERY = /^<frozen |\/snakepit_bridge\/_|\/lib\/python[\d.]+t?\/(importlib|asyncio)\//;

/**
 * The frames in what Python's fault handler writes when it is asked where a program is, the innermost first, as lines;
 * those of the bridge and of the import system are left out. Empty when there are none.
 */
export function framesIn(text: string): string {
  const isTheirs = (line: string) => {
    const file = FRAME.exec(line)?.[1];
    return file !== undefined && !MACHINERY.test(file);
  };
  return text.split("\n").filter(isTheirs).join("\n");
}
