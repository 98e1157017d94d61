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
  it("registers the tools, and removes them", () => {
    registry.register([named("c")]);
    const takeBack = offers.offer([named("a"), named("b")], GLOBAL_SCOPE, () => {});
    expect(names()).toEqual(["a", "b", "c"]);
    takeBack();
    takeBack();
    expect(names()).toEqual(["c"]);
  });

  it("is rejected as a whole, and then removes nothing", () => {
    registry.register([named("a")]);
    expect(() => offers.offer([named("a"), named("b")], GLOBAL_SCOPE, () => {})).toThrow("a: is already registered");
    expect(names()).toEqual(["a"]);
  });

  it("does not remove a tool that has replaced an offered one", () => {
    const takeBack = offers.offer([named("a"), named("b")], GLOBAL_SCOPE, () => {});
    registry.unregister(["a"]);
    registry.register([named("a")]);
    takeBack();
    expect(names()).toEqual(["a"]);
  });

  it("is notified of the end of its session, but not of a later one", () => {
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

  it("of global tools is not notified of the end of a session", () => {
    offers.offer([named("a")], GLOBAL_SCOPE, () => ended.push("global"));
    end("s");
    expect(ended).toEqual([]);
  });
});
