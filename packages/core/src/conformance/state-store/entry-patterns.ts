import assert from "node:assert/strict";
import type { StateStoreCase } from "../state-store-case.ts";
import { namesOf } from "./comparable.ts";
import { Subject } from "./subject.ts";

interface Listing {
  readonly title: string;
  readonly names: readonly string[];
  /** The names that each pattern matches, in order. */
  readonly matches: Readonly<Record<string, readonly string[]>>;
}

const LISTINGS: readonly Listing[] = [
  {
    title: "an asterisk in a pattern matches any string, including the empty one",
    names: ["a", "a.b", "a.b.c", "ab", "b", "b.a"],
    matches: {
      "*": ["a", "a.b", "a.b.c", "ab", "b", "b.a"],
      "**": ["a", "a.b", "a.b.c", "ab", "b", "b.a"],
      "a*": ["a", "a.b", "a.b.c", "ab"],
      "a.*": ["a.b", "a.b.c"],
      "*a": ["a", "b.a"],
      "*.*": ["a.b", "a.b.c", "b.a"],
      "a*c": ["a.b.c"],
      "*b*": ["a.b", "a.b.c", "ab", "b", "b.a"],
      "*.b*.c": ["a.b.c"],
      "c*": [],
    },
  },
  {
    title: "a question mark in a pattern matches any single character",
    names: ["a", "a\n", "ab", "abc", "aé", "a😀", "é"],
    matches: {
      "?": ["a", "é"],
      "a?": ["a\n", "ab", "aé", "a😀"],
      "??": ["a\n", "ab", "aé", "a😀"],
      "a??": ["abc"],
      "?*": ["a", "a\n", "ab", "abc", "aé", "a😀", "é"],
      "*?c": ["abc"],
      "a?*": ["a\n", "ab", "abc", "aé", "a😀"],
      "????": [],
    },
  },
  {
    title: "a pattern without an asterisk or question mark matches only that name",
    names: ["A", "a", "a.b", "axb"],
    matches: { a: ["a"], A: ["A"], "a.b": ["a.b"], b: [], "": [] },
  },
  {
    title: "special characters of SQL and of regular expressions match themselves in a pattern",
    names: ["$", "%", "(", "[a]", "\\", "\\a", "^a", "_", "a", "a%b", "a+", "a[b", "a_b", "a|b", "aa", "axb"],
    matches: {
      "%": ["%"],
      _: ["_"],
      "a%*": ["a%b"],
      "a_*": ["a_b"],
      a_b: ["a_b"],
      "[a]": ["[a]"],
      "[a]*": ["[a]"],
      "[a-z]*": [],
      "a[*": ["a[b"],
      "*]": ["[a]"],
      "^*": ["^a"],
      "[^a]*": [],
      "\\*": ["\\", "\\a"],
      "*\\": ["\\"],
      "\\?": ["\\a"],
      "a+*": ["a+"],
      "a|b*": ["a|b"],
      "(*": ["("],
      "$*": ["$"],
      ".*": [],
    },
  },
  {
    title: "asterisks and question marks in names are matched by those in patterns",
    names: ["*", "?", "a*b", "a?b"],
    matches: { "*": ["*", "?", "a*b", "a?b"], "?": ["*", "?"], "a*b": ["a*b", "a?b"], "a?b": ["a*b", "a?b"] },
  },
];

export const entryPatterns: readonly StateStoreCase[] = [
  ...LISTINGS.map(
    ({ title, names, matches }): StateStoreCase => ({
      title,
      async run(bench) {
        const subject = await Subject.of(bench);
        await subject.create("s");
        for (const name of names) await subject.put("s", name, "1");
        for (const [pattern, expected] of Object.entries(matches)) {
          assert.deepEqual(namesOf(await subject.list("s", pattern)), expected, `the names that match ${pattern}`);
        }
      },
    }),
  ),
  {
    title: "the limit of a page applies to the matching entries",
    async run(bench) {
      const subject = await Subject.of(bench);
      await subject.create("s");
      for (const name of ["a1", "b1", "a2", "b2", "a3", "b3"]) await subject.put("s", name, "1");
      assert.deepEqual(namesOf(await subject.list("s", "b*", { limit: 2 })), ["b1", "b2"]);
      assert.deepEqual(namesOf(await subject.list("s", "b*", { after: "b2", limit: 2 })), ["b3"]);
      assert.deepEqual(namesOf(await subject.list("s", "a*", { after: "a1" })), ["a2", "a3"]);
    },
  },
  {
    title: "a pattern with many asterisks is matched in reasonable time",
    async run(bench) {
      const subject = await Subject.of(bench);
      await subject.create("s");
      await subject.put("s", "a".repeat(200), "1");
      assert.deepEqual(await subject.list("s", `${"*a".repeat(30)}*b`), []);
    },
  },
];
