import type { ProjectFiles } from "./project.ts";

/** Returns the name of the class of an adapter module: `ImageModel` for `image_model`; empty without a letter. */
export function className(module: string): string {
  const parts = module.split("_").filter((part) => part !== "");
  const name = parts.map((part) => part.slice(0, 1).toUpperCase() + part.slice(1)).join("");
  return /^[A-Z]/.test(name) ? name : "";
}

/** Returns the files of an adapter and its test. */
export function adapterFiles(module: string): ProjectFiles {
  const name = className(module);
  return { [`${module}.py`]: adapter(name), [`test_${module}.py`]: adapterTest(module, name) };
}

function adapter(name: string): string {
  return `"""The adapter that the workers of a pool run."""

from __future__ import annotations

from snakepit_bridge import Adapter, tool


class ${name}(Adapter):
    """Tools that share what \`\`setup\`\` loads. Each worker process has one instance."""

    def setup(self) -> None:
        """Runs in each worker before its first call: load models and open connections here."""
        self.calls = 0

    def teardown(self) -> None:
        """Runs when the worker ends: close connections here."""

    @tool
    def describe(self, text: str) -> dict[str, int]:
        """Returns the number of words and characters, and of the calls of this worker."""
        self.calls += 1
        return {"words": len(text.split()), "characters": len(text), "calls": self.calls}
`;
}

function adapterTest(module: string, name: string): string {
  return `"""Unit tests of the adapter, without a host or worker processes."""

from __future__ import annotations

from pathlib import Path

from snakepit_bridge.testing import ToolClient

TARGET = f"{Path(__file__).with_name('${module}.py')}:${name}"


def test_describe() -> None:
    with ToolClient(TARGET) as tools:
        assert tools.execute("describe", text="hello world") == {"words": 2, "characters": 11, "calls": 1}
        assert tools.execute("describe", text="")["calls"] == 2
`;
}
