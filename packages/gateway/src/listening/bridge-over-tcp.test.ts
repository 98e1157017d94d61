import { once } from "node:events";
import { connect as connectTcp, createServer } from "node:net";
import { networkInterfaces } from "node:os";
import { connect as connectTls } from "node:tls";
import { type ChannelCredentials, type Client, credentials, Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { HealthService, HealthCheckResponse_ServingStatus as Serving } from "@snakepit/bridge-proto/grpc";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BridgeBench } from "../testing/bridge-bench.ts";
import { failureIn } from "../testing/error-details.ts";
import { makeCertificate } from "../testing/test-certificate.ts";
import type { BridgeListenOptions } from "./listen-options.ts";

const token = "0123456789abcdef0123456789abcdef";
const authorization = `Bearer ${token}`;
const hasIpv6 = networkInterfaces()["lo"]?.some(({ address }) => address === "::1") ?? false;

describe("the bridge on TCP", () => {
  let bench: BridgeBench;

  beforeEach(() => {
    bench = new BridgeBench();
  });

  afterEach(() => bench[Symbol.asyncDispose]());

  const failure = (call: Promise<unknown>) =>
    call.then(
      () => Promise.reject(new Error("the call succeeded")),
      (error: ServiceError) => error,
    );

  it("says which port it got, and serves clients with the token", async () => {
    await bench.serve({ port: 0, token });
    expect(bench.address).toMatch(/^127\.0\.0\.1:[1-9]\d+$/);
    const pong = await bench.call("ping", { message: "hello" }, { metadata: { authorization } });
    expect(pong.message).toBe("hello");
    for (const scheme of ["bearer", "BEARER"]) {
      await bench.call("ping", {}, { metadata: { authorization: `${scheme}  ${token}` } });
    }
  });

  it.each([
    ["without a token", {}, "send the metadata authorization: Bearer <token>"],
    [
      "with another one",
      { authorization: `Bearer ${token.replace("0", "1")}` },
      "the token is wrong; send the one that this host was started with",
    ],
    ["with the beginning of it", { authorization: `Bearer ${token.slice(0, -1)}` }, "token is wrong"],
    ["with more than it", { authorization: `Bearer ${token}x` }, "token is wrong"],
    ["with another scheme", { authorization: `Basic ${token}` }, "Bearer <token>"],
    ["with nothing but the token", { authorization: token }, "Bearer <token>"],
    ["with an empty one", { authorization: "Bearer " }, "Bearer <token>"],
  ])("refuses clients %s", async (_, metadata, message) => {
    await bench.serve({ port: 0, token });
    const error = await failure(bench.call("getSessionStats", {}, { metadata }));
    expect(error).toMatchObject({ code: status.UNAUTHENTICATED, details: expect.stringContaining(message) });
    expect(error.metadata.get("snakepit-code")).toEqual(["UNAUTHENTICATED"]);
    expect(failureIn(error).code).toBe("UNAUTHENTICATED");
    expect(bench.operations.requests).toEqual([]);
  });

  it("does not read the message of a client without the token", async () => {
    await bench.serve({ port: 0, token });
    const path = "/snakepit.bridge.v1.BridgeService/Ping";
    const garbage = Buffer.from([0xff, 0xff, 0xff]);
    const refused = await statusOfUnary(bench.connect(), path, new Metadata(), garbage);
    expect(refused.code).toBe(status.UNAUTHENTICATED);
    const metadata = new Metadata();
    metadata.set("authorization", authorization);
    expect((await statusOfUnary(bench.connect(), path, metadata, garbage)).code).toBe(status.INTERNAL);
  });

  it("refuses streams without the token, watches and reflection among them", async () => {
    await bench.serve({ port: 0, token });
    const watch = bench.stream("watchVariables", { sessionId: "s1" });
    expect(await once(watch, "data").catch((thrown) => thrown)).toMatchObject({ code: status.UNAUTHENTICATED });
    const client = bench.connect();
    for (const version of ["v1", "v1alpha"]) {
      const path = `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`;
      const stream = client.makeBidiStreamRequest(path, asIs, asIs, new Metadata());
      expect(await once(stream, "data").catch((thrown) => thrown)).toMatchObject({ code: status.UNAUTHENTICATED });
    }
  });

  it("tells probes without a token whether the host is ready", async () => {
    await bench.serve({ port: 0, token });
    const check = () => healthOf(bench.connect());
    expect(await check()).toBe(Serving.NOT_SERVING);
    bench.host.becomeReady();
    await expect.poll(check).toBe(Serving.SERVING);
  });

  it("may want a token on a unix socket too", async () => {
    await bench.serve({ socketPath: bench.socketPath, token });
    expect((await failure(bench.call("ping"))).code).toBe(status.UNAUTHENTICATED);
    await bench.call("ping", {}, { metadata: { authorization } });
  });

  it("keeps the token from those who answer the call", async () => {
    await bench.serve({ port: 0, token });
    await bench.call("getSessionStats", {}, { metadata: { authorization } });
    expect(JSON.stringify(bench.operations.requests)).not.toContain(token);
  });

  it("serves IPv6 and names that stand for this machine only", async () => {
    for (const host of hasIpv6 ? ["::1", "localhost"] : ["localhost"]) {
      await using other = await new BridgeBench().serve({ host, port: 0, token });
      expect(other.address).toMatch(host === "::1" ? /^\[::1\]:\d+$/ : /^localhost:\d+$/);
      await other.call("ping", {}, { metadata: { authorization } });
    }
  });

  describe("with TLS", () => {
    const authority = makeCertificate("Test Authority");
    const { cert, key } = makeCertificate("bridge", { issuer: authority, hosts: ["localhost", "127.0.0.1"] });
    const trusting = (client?: { readonly cert: string; readonly key: string }): ChannelCredentials =>
      credentials.createSsl(
        Buffer.from(authority.cert),
        client === undefined ? null : Buffer.from(client.key),
        client === undefined ? null : Buffer.from(client.cert),
      );

    /** Clients refuse to check the certificate of an address as they do that of a name. */
    const byName = () => `localhost:${bench.address.split(":")[1]}`;

    it("serves clients that know its authority", async () => {
      await bench.serve({ host: "0.0.0.0", port: 0, token, tls: { cert, key } });
      const client = bench.connect(trusting(), byName());
      expect((await failure(bench.call("ping", {}, {}, client))).code).toBe(status.UNAUTHENTICATED);
      await bench.call("ping", {}, { metadata: { authorization } }, client);
    });

    it("is not believed by clients that do not know its authority", async () => {
      await bench.serve({ port: 0, token, tls: { cert, key: Buffer.from(key) } });
      const stranger = bench.connect(credentials.createSsl(), byName());
      expect((await failure(bench.call("ping", {}, {}, stranger))).code).toBe(status.UNAVAILABLE);
      const plain = bench.connect(credentials.createInsecure(), byName());
      expect((await failure(bench.call("ping", {}, {}, plain))).code).toBe(status.UNAVAILABLE);
    });

    it("speaks TLS 1.2 and 1.3, and nothing older", async () => {
      await bench.serve({ port: 0, token, tls: { cert, key } });
      const port = Number(bench.address.split(":")[1]);
      const speak = async (version: "TLSv1.1" | "TLSv1.2" | "TLSv1.3") => {
        const versions = { minVersion: version, maxVersion: version } as const;
        // Old versions are off in OpenSSL unless the security level allows them.
        const socket = connectTls({
          port,
          ca: authority.cert,
          ALPNProtocols: ["h2"],
          ciphers: "DEFAULT@SECLEVEL=0",
          ...versions,
        });
        try {
          await once(socket, "secureConnect");
          return socket.getProtocol();
        } catch {
          return "refused";
        } finally {
          socket.destroy();
        }
      };
      expect(await speak("TLSv1.3")).toBe("TLSv1.3");
      expect(await speak("TLSv1.2")).toBe("TLSv1.2");
      expect(await speak("TLSv1.1")).toBe("refused");
    });

    it("wants a certificate of clients where it was given their authority", async () => {
      await bench.serve({ port: 0, token, tls: { cert, key, ca: authority.cert } });
      const metadata = { authorization };
      const known = bench.connect(trusting(makeCertificate("client", { issuer: authority })), byName());
      await bench.call("ping", {}, { metadata }, known);
      const stranger = bench.connect(trusting(makeCertificate("stranger")), byName());
      expect((await failure(bench.call("ping", {}, { metadata }, stranger))).code).toBe(status.UNAVAILABLE);
      const nobody = bench.connect(trusting(), byName());
      expect((await failure(bench.call("ping", {}, { metadata }, nobody))).code).toBe(status.UNAVAILABLE);
    });
  });

  describe("does not begin", () => {
    const good = makeCertificate("bridge");
    const expired = makeCertificate("old", { validTo: new Date(Date.now() - 86_400_000) });
    const encrypted = good.privateKey.export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "x" });
    const tls = { cert: good.cert, key: good.key };

    it.each<[string, object, RegExp]>([
      ["without a token", { port: 0 }, /token: TCP requires a token; use at least 32 random/],
      ["with a short token", { port: 0, token: "short-secret" }, /token: it has 12 characters/],
      ["with a token that no header can carry", { port: 0, token: `${token} é` }, /token: it has a space in it/],
      ["with a token that is no text", { port: 0, token: 12 }, /token: a text was expected, got a number/],
      ["with a short token on a socket", { socketPath: "/nowhere/x", token: "short" }, /token: it has 5 characters/],
      ["on an empty path", { socketPath: "" }, /socketPath: a path was expected/],
      ["nowhere", {}, /^What serve\(\) was given is invalid: socketPath: a path was expected/],
      ["without options", null as never, /it is null, not an object; write \{ socketPath \}/],
      ["on a path alone", "/nowhere/x" as never, /it is "\/nowhere\/x", not an object; write \{ socketPath \}/],
      ["on what is misspelt", { socket: "/nowhere/x" }, /socket: it is not an option; did you mean socketPath\?/],
      ["on what is far from it", { url: "x" }, /url: it is not an option; the options are socketPath, token, host/],
      ["with a superfluous option", { port: 0, token, retries: 1 }, /retries: it is not an option/],
      ["on an address without a port", { host: "::1", token }, /host: it is for TCP, but port is missing; give port/],
      ["with TLS on a socket", { socketPath: "/nowhere/x", tls }, /tls: it is for TCP/],
      ["with null for a token", { port: 0, token: null }, /TCP requires a token/],
      ["with TLS that is only wished for", { port: 0, token, tls: true }, /tls: an object was expected, got a boolean/],
      ["with null for TLS", { port: 0, token, tls: null }, /tls: an object was expected, got null/],
      ["with files of TLS", { port: 0, token, tls: { certFile: "x" } }, /tls\.certFile: it is not an option; give/],
      ["on both", { socketPath: "/nowhere/x", port: 0, token }, /serve twice/],
      ["on a port that is none", { port: 65_536, token }, /port: a port was expected, got 65536/],
      ["on half a port", { port: 1.5, token }, /port: a port was expected/],
      ["on an empty address", { host: "", port: 0, token }, /host: an address was expected/],
      [
        "where others reach it, without TLS",
        { host: "0.0.0.0", port: 0, token },
        /other machines reach 0\.0\.0\.0.*tls: \{ cert, key \}/,
      ],
      ["on every IPv6 address, without TLS", { host: "::", port: 0, token }, /other machines reach ::/],
      [
        "on a name that nobody has",
        { host: "nobody.invalid", port: 0, token },
        /^cannot serve gRPC on nobody\.invalid: no address is known for this name; give an address of this machine/,
      ],
      ["on an address of another machine", { host: "192.0.2.1", port: 0, token, tls }, /does not have this address/],
      [
        "without a certificate",
        { port: 0, token, tls: { cert: "cert.pem", key: good.key } },
        /tls\.cert: there is no certificate in it/,
      ],
      [
        "without a key",
        { port: 0, token, tls: { cert: good.cert, key: undefined } },
        /tls\.key: there is no private key in it/,
      ],
      [
        "with half a certificate",
        { port: 0, token, tls: { ...tls, cert: good.cert.replace(/M/g, "A") } },
        /cannot be read/,
      ],
      [
        "with a damaged key",
        { port: 0, token, tls: { ...tls, key: good.key.replace(/M/g, "A") } },
        /tls\.key: the key cannot be read/,
      ],
      ["with an encrypted key", { port: 0, token, tls: { ...tls, key: encrypted } }, /passphrase; decrypt it first/],
      [
        "with the key of another",
        { port: 0, token, tls: { ...tls, key: expired.key } },
        /tls\.key: the key is not the one/,
      ],
      [
        "with a certificate of the past",
        { port: 0, token, tls: { cert: expired.cert, key: expired.key } },
        /certificate of CN=old was valid until/,
      ],
      [
        "with authorities that are none",
        { port: 0, token, tls: { ...tls, ca: "ca.pem" } },
        /tls\.ca: there is no certificate/,
      ],
    ])("%s", async (_, listen, message) => {
      const error = await bench.serve(listen as BridgeListenOptions).catch((thrown: Error) => thrown);
      expect(error).toMatchObject({ code: "INVALID_CONFIG", message: expect.stringMatching(message) });
      for (const secret of [token, "short-secret", good.key.split("\n")[1]!]) {
        expect(JSON.stringify(error) + String(error)).not.toContain(secret);
      }
    });

    it("with several mistakes, and names them all", async () => {
      const listen = { port: -1, token: "short", tls: { cert: "", key: "" } };
      await expect(bench.serve(listen)).rejects.toThrow(/port:[\s\S]*token:[\s\S]*tls\.cert:[\s\S]*tls\.key:/);
    });

    it("on a port that somebody else has", async () => {
      const other = createServer().listen(0, "127.0.0.1");
      await once(other, "listening");
      const { port } = other.address() as { readonly port: number };
      await expect(bench.serve({ port, token })).rejects.toMatchObject({
        code: "INVALID_CONFIG",
        message: expect.stringContaining(`127.0.0.1:${port}: another program listens on this port`),
      });
      other.close();
    });
  });

  it("bears with peers that speak no HTTP/2", async () => {
    await bench.serve({ port: 0, token });
    const peer = connectTcp(Number(bench.address.split(":")[1]), "127.0.0.1");
    peer.on("error", () => {});
    peer.resume();
    peer.write("GET / HTTP/1.0\r\n\r\n");
    await once(peer, "close");
    await bench.call("ping", {}, { metadata: { authorization } });
  });
});

const asIs = (bytes: Buffer): Buffer => bytes;

function statusOfUnary(
  client: Client,
  path: string,
  metadata: Metadata,
  body = Buffer.alloc(0),
): Promise<ServiceError> {
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(path, asIs, asIs, body, metadata, (error) =>
      error === null ? reject(new Error("the call succeeded")) : resolve(error),
    );
  });
}

function healthOf(client: Client): Promise<Serving> {
  const { path, requestSerialize, responseDeserialize } = HealthService.check;
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(path, requestSerialize, responseDeserialize, { service: "" }, (error, answer) =>
      error === null ? resolve(answer!.status) : reject(error),
    );
  });
}
