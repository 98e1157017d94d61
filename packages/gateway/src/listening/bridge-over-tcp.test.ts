import { once } from "node:events";
import { connect as connectTcp, createServer } from "node:net";
import { networkInterfaces } from "node:os";
import { connect as connectTls } from "node:tls";
import { type ChannelCredentials, type Client, credentials, Metadata, type ServiceError, status } from "@grpc/grpc-js";
import type { BridgeListenOptions } from "@snakepit/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { HealthService, HealthCheckResponse_ServingStatus as Serving } from "../grpc.ts";
import { BridgeBench } from "../testing/bridge-bench.ts";
import { failureIn } from "../testing/client-messages.ts";
import { makeCertificate } from "../testing/test-certificate.ts";

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

  it("returns its port, and serves clients with the token", async () => {
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
      "with another token",
      { authorization: `Bearer ${token.replace("0", "1")}` },
      "the token is invalid; send the token that the host was configured with",
    ],
    ["with a prefix of the token", { authorization: `Bearer ${token.slice(0, -1)}` }, "token is invalid"],
    ["with a longer token", { authorization: `Bearer ${token}x` }, "token is invalid"],
    ["with another scheme", { authorization: `Basic ${token}` }, "Bearer <token>"],
    ["with only the token", { authorization: token }, "Bearer <token>"],
    ["with an empty token", { authorization: "Bearer " }, "Bearer <token>"],
  ])("rejects clients %s", async (_, metadata, message) => {
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
    const rejected = await statusOfUnary(bench.connect(), path, new Metadata(), garbage);
    expect(rejected.code).toBe(status.UNAUTHENTICATED);
    const metadata = new Metadata();
    metadata.set("authorization", authorization);
    expect((await statusOfUnary(bench.connect(), path, metadata, garbage)).code).toBe(status.INVALID_ARGUMENT);
  });

  it("rejects streams without the token, including watches and reflection", async () => {
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

  it("reports to health probes without a token whether the host is ready", async () => {
    await bench.serve({ port: 0, token });
    const check = () => healthOf(bench.connect());
    expect(await check()).toBe(Serving.NOT_SERVING);
    bench.host.becomeReady();
    await expect.poll(check).toBe(Serving.SERVING);
  });

  it("can require a token on a Unix socket", async () => {
    await bench.serve({ socketPath: bench.socketPath, token });
    expect((await failure(bench.call("ping"))).code).toBe(status.UNAUTHENTICATED);
    await bench.call("ping", {}, { metadata: { authorization } });
  });

  it("does not pass the token to the operations", async () => {
    await bench.serve({ port: 0, token });
    await bench.call("getSessionStats", {}, { metadata: { authorization } });
    expect(JSON.stringify(bench.operations.requests)).not.toContain(token);
  });

  it("serves IPv6 and names of loopback addresses", async () => {
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

    /** Clients verify the certificate of a name, but not of an IP address. */
    const byName = () => `localhost:${bench.address.split(":")[1]}`;

    it("serves clients that trust its certificate authority", async () => {
      await bench.serve({ host: "0.0.0.0", port: 0, token, tls: { cert, key } });
      const client = bench.connect(trusting(), byName());
      expect((await failure(bench.call("ping", {}, {}, client))).code).toBe(status.UNAUTHENTICATED);
      await bench.call("ping", {}, { metadata: { authorization } }, client);
    });

    it("is rejected by clients that do not trust its certificate authority", async () => {
      await bench.serve({ port: 0, token, tls: { cert, key: Buffer.from(key) } });
      const untrusting = bench.connect(credentials.createSsl(), byName());
      expect((await failure(bench.call("ping", {}, {}, untrusting))).code).toBe(status.UNAVAILABLE);
      const plain = bench.connect(credentials.createInsecure(), byName());
      expect((await failure(bench.call("ping", {}, {}, plain))).code).toBe(status.UNAVAILABLE);
    });

    it("supports only TLS 1.2 and 1.3", async () => {
      await bench.serve({ port: 0, token, tls: { cert, key } });
      const port = Number(bench.address.split(":")[1]);
      const speak = async (version: "TLSv1.1" | "TLSv1.2" | "TLSv1.3") => {
        const versions = { minVersion: version, maxVersion: version } as const;
        // OpenSSL disables old versions unless the security level allows them.
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
          return "rejected";
        } finally {
          socket.destroy();
        }
      };
      expect(await speak("TLSv1.3")).toBe("TLSv1.3");
      expect(await speak("TLSv1.2")).toBe("TLSv1.2");
      expect(await speak("TLSv1.1")).toBe("rejected");
    });

    it("requires a client certificate when a certificate authority is set", async () => {
      await bench.serve({ port: 0, token, tls: { cert, key, ca: authority.cert } });
      const metadata = { authorization };
      const known = bench.connect(trusting(makeCertificate("client", { issuer: authority })), byName());
      await bench.call("ping", {}, { metadata }, known);
      const untrusted = bench.connect(trusting(makeCertificate("untrusted")), byName());
      expect((await failure(bench.call("ping", {}, { metadata }, untrusted))).code).toBe(status.UNAVAILABLE);
      const withoutCertificate = bench.connect(trusting(), byName());
      expect((await failure(bench.call("ping", {}, { metadata }, withoutCertificate))).code).toBe(status.UNAVAILABLE);
    });
  });

  describe("does not start", () => {
    const good = makeCertificate("bridge");
    const expired = makeCertificate("old", { validTo: new Date(Date.now() - 86_400_000) });
    const encrypted = good.privateKey.export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "x" });
    const tls = { cert: good.cert, key: good.key };

    it.each<[string, object, RegExp]>([
      ["without a token", { port: 0 }, /token is required for TCP; use at least 32 random/],
      ["with a short token", { port: 0, token: "short-secret" }, /token must have at least 32 characters; got 12/],
      [
        "with a token that is invalid in a header",
        { port: 0, token: `${token} é` },
        /token must contain only printable ASCII/,
      ],
      ["with a token that is not a string", { port: 0, token: 12 }, /token must be a string; got a number/],
      [
        "with a short token on a socket",
        { socketPath: "/nowhere/x", token: "short" },
        /token must have at least 32 characters; got 5/,
      ],
      ["on an empty path", { socketPath: "" }, /socketPath must be a path/],
      ["without an address", {}, /^the argument of serve\(\) is invalid: socketPath must be a path/],
      ["without options", null as never, /must be an object; got null; write \{ socketPath \}/],
      ["on a path alone", "/nowhere/x" as never, /must be an object; got "\/nowhere\/x"; write \{ socketPath \}/],
      ["with a misspelled option", { socket: "/nowhere/x" }, /socket is not an option; did you mean socketPath\?/],
      ["with an unknown option", { url: "x" }, /url is not an option; the options are socketPath, token, host/],
      ["with a superfluous option", { port: 0, token, retries: 1 }, /retries is not an option/],
      ["with an address but no port", { host: "::1", token }, /host requires port; set port/],
      ["with TLS on a socket", { socketPath: "/nowhere/x", tls }, /tls requires port/],
      ["with null for a token", { port: 0, token: null }, /is required for TCP/],
      ["with a boolean for TLS", { port: 0, token, tls: true }, /tls must be an object; got a boolean/],
      ["with null for TLS", { port: 0, token, tls: null }, /tls must be an object; got null/],
      ["with unknown TLS options", { port: 0, token, tls: { certFile: "x" } }, /tls\.certFile is not an option; set/],
      [
        "on a socket and a port",
        { socketPath: "/nowhere/x", port: 0, token },
        /socketPath cannot be combined with port/,
      ],
      ["on a port out of range", { port: 65_536, token }, /port must be a whole number from 0 to 65535; got 65536/],
      ["on a port that is not an integer", { port: 1.5, token }, /port must be a whole number/],
      ["on an empty address", { host: "", port: 0, token }, /host must be an address/],
      [
        "on every IPv4 address, without TLS",
        { host: "0.0.0.0", port: 0, token },
        /^0\.0\.0\.0 requires TLS.*tls: \{ cert, key \}/,
      ],
      ["on every IPv6 address, without TLS", { host: "::", port: 0, token }, /:: .*requires TLS/],
      [
        "on an unknown host name",
        { host: "unknown.invalid", port: 0, token },
        /^cannot serve gRPC on unknown\.invalid: the name has no address; set an address of this machine/,
      ],
      ["on an address of another machine", { host: "192.0.2.1", port: 0, token, tls }, /does not have the address/],
      [
        "without a certificate",
        { port: 0, token, tls: { cert: "cert.pem", key: good.key } },
        /tls\.cert contains no certificate/,
      ],
      [
        "without a key",
        { port: 0, token, tls: { cert: good.cert, key: undefined } },
        /tls\.key contains no private key/,
      ],
      [
        "with an invalid certificate",
        { port: 0, token, tls: { ...tls, cert: good.cert.replace(/M/g, "A") } },
        /tls\.cert contains an invalid certificate/,
      ],
      [
        "with a corrupt key",
        { port: 0, token, tls: { ...tls, key: good.key.replace(/M/g, "A") } },
        /tls\.key contains an invalid private key/,
      ],
      ["with an encrypted key", { port: 0, token, tls: { ...tls, key: encrypted } }, /passphrase; decrypt the key/],
      [
        "with the key of another certificate",
        { port: 0, token, tls: { ...tls, key: expired.key } },
        /tls\.key does not match the certificate/,
      ],
      [
        "with an expired certificate",
        { port: 0, token, tls: { cert: expired.cert, key: expired.key } },
        /expired certificate: CN=old was valid until/,
      ],
      [
        "with certificate authorities that are not PEM",
        { port: 0, token, tls: { ...tls, ca: "ca.pem" } },
        /tls\.ca contains no certificate/,
      ],
    ])("%s", async (_, listen, message) => {
      const error = await bench.serve(listen as BridgeListenOptions).catch((thrown: Error) => thrown);
      expect(error).toMatchObject({ code: "INVALID_CONFIG", message: expect.stringMatching(message) });
      for (const secret of [token, "short-secret", good.key.split("\n")[1]!]) {
        expect(JSON.stringify(error) + String(error)).not.toContain(secret);
      }
    });

    it("with several mistakes, and reports all of them", async () => {
      const listen = { port: -1, token: "short", tls: { cert: "", key: "" } };
      await expect(bench.serve(listen)).rejects.toThrow(/port must[\s\S]*token must[\s\S]*tls\.cert [\s\S]*tls\.key /);
    });

    it("on a port that is in use", async () => {
      const other = createServer().listen(0, "127.0.0.1");
      await once(other, "listening");
      const { port } = other.address() as { readonly port: number };
      await expect(bench.serve({ port, token })).rejects.toMatchObject({
        code: "INVALID_CONFIG",
        message: expect.stringContaining(`127.0.0.1:${port}: the port is in use`),
      });
      other.close();
    });
  });

  it("keeps working after a peer that does not speak HTTP/2", async () => {
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
