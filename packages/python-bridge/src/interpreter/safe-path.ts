/**
 * Keeps the working directory off Python's module search path, where `-m` and `-c` put it, so that a file `json.py`
 * there hides no standard module. The bridge removes the variable when it starts, by this value, so that scripts which
 * tools start find their neighbors as usual. Python 3.10 does not know it; there the bridge removes the directory.
 *
 * https://docs.python.org/3/using/cmdline.html#envvar-PYTHONSAFEPATH
 */
export const SAFE_PATH = { PYTHONSAFEPATH: "snakepit" } as const;
