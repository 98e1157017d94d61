import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Icon } from "./icons.tsx";

/** `File "tools.py", line 12, in add` */
const FRAME = /^(\s*)File "(.+)", line (\d+)(?:, in (.+))?$/;

/** The underline below a line of code: `~~^~~`. */
const MARKERS = /^\s*[~^]+\s*$/;

/** A Python traceback: files are quiet, code is plain, the exception at the end is bold. */
export function Traceback({ text }: { readonly text: string }): JSX.Element {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
  };
  return (
    <div class="traceback">
      <button type="button" class="button" onClick={() => void copy()}>
        <Icon name={copied ? "check" : "copy"} /> {copied ? "Copied" : "Copy"}
      </button>
      <pre tabIndex={0} aria-label="Python traceback">
        {text
          .trimEnd()
          .split("\n")
          .map((line, index) => (
            <span key={index} class={kindOf(line)}>
              {line}
              {"\n"}
            </span>
          ))}
      </pre>
    </div>
  );
}

function kindOf(line: string): string {
  if (FRAME.test(line)) return "tb-file";
  if (MARKERS.test(line)) return "tb-marker";
  if (/^\s/.test(line)) return "tb-code";
  if (/^Traceback |^During handling|^The above exception|^$/.test(line)) return "tb-note";
  return "tb-error";
}
