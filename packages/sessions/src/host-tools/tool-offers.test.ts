import { GLOBAL_SCOPE } from "@snakepit/core";
import { beforeEach, describe, expect, it } from "vitest";
import type { HostTool } from "./host-tool.ts";
import { HostToolRegistry } from "./host-tool-registry.ts";
import { ToolOffers } from "./tool-offers.ts";

let registry: HostToolRegistry;
let offers: ToolOffers;
let ended: string[];

beforeEach(() => {
  registry = new HostToolRegistry();
  offers = new ToolOffers(registry);
  ended = [];
});

const named = (name: string): HostTool => ({ name, description: "", run: () => name });
const names = (sessionId?: string) => registry.list(sessionId).map(({ name }) => name);
const end = (sessionId: string) => {
  registry.endSession(sessionId);
  offers.endSession(sessionId);
};

describe("an offer of tools", () => {
  it("registers them, and takes them back", () => {
    registry.register([named("c")]);
    const takeBack = offers.offer([named("a"), named("b")], GLOBAL_SCOPE, () => {});
    expect(names()).toEqual(["a", "b", "c"]);
    takeBack();
    takeBack();
    expect(names()).toEqual(["c"]);
  });

  it("is refused as a whole, and then takes nothing back", () => {
    registry.register([named("a")]);
    expect(() => offers.offer([named("a"), named("b")], GLOBAL_SCOPE, () => {})).toThrow("a: is already registered");
    expect(names()).toEqual(["a"]);
  });

  it("leaves alone what has taken the place of a tool meanwhile", () => {
    const takeBack = offers.offer([named("a"), named("b")], GLOBAL_SCOPE, () => {});
    registry.unregister(["a"]);
    registry.register([named("a")]);
    takeBack();
    expect(names()).toEqual(["a"]);
  });

  it("is notified of the end of its session, and of no later one", () => {
    offers.offer([named("a")], "s", () => ended.push("first"));
    const takeBack = offers.offer([named("b")], "s", () => ended.push("second"));
    offers.offer([named("c")], "t", () => ended.push("other"));
    takeBack();
    end("s");
    expect(ended).toEqual(["first"]);
    const later = offers.offer([named("b")], "s", () => ended.push("third"));
    takeBack();
    expect(names("s")).toEqual(["b"]);
    end("s");
    later();
    expect(ended).toEqual(["first", "third"]);
  });

  it("for all sessions is not notified of the end of one", () => {
    offers.offer([named("a")], GLOBAL_SCOPE, () => ended.push("global"));
    end("s");
    expect(ended).toEqual([]);
  });
});
