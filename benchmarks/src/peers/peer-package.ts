import { createRequire } from "node:module";
import { join } from "node:path";
import { PEERS_FOLDER } from "../project-files.ts";

const require = createRequire(join(PEERS_FOLDER, "package.json"));

/** Loads a package that is installed on request only. Its types are those parts that a peer uses. */
export function loadPeer<T>(name: string): T {
  return require(name) as T;
}

/** Calls the members of a group in turn. */
export class Turns<T> {
  readonly #members: readonly T[];
  #next = 0;

  constructor(members: readonly T[]) {
    this.#members = members;
  }

  next(): T {
    const member = this.#members[this.#next];
    this.#next = (this.#next + 1) % this.#members.length;
    if (member === undefined) throw new Error("the group has no members");
    return member;
  }
}
