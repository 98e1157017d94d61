import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { createSecureContext, DEFAULT_MIN_VERSION } from "node:tls";
import { ServerCredentials } from "@grpc/grpc-js";
import { type BridgeTls, type ConfigProblem, describeKind } from "@snakepit/core";

const OPTIONS: readonly string[] = ["cert", "key", "ca"] satisfies (keyof BridgeTls)[];

const CERTIFICATES = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** Returns the problems of the `tls` option. The messages never contain the key. */
export function tlsProblems(tls: BridgeTls): readonly ConfigProblem[] {
  const remedy = "set { cert, key } in PEM, and ca to require client certificates";
  if (typeof tls !== "object" || tls === null) {
    return [{ path: "tls", problem: `must be an object; got ${describeKind(tls)}`, remedy }];
  }
  const problems = Object.keys(tls)
    .filter((name) => !OPTIONS.includes(name))
    .map((name): ConfigProblem => ({ path: `tls.${name}`, problem: "is not an option", remedy }));
  if (problems.length > 0) return problems;
  const certificate = firstCertificate("tls.cert", tls.cert, problems);
  const key = privateKey(tls.key, problems);
  if (tls.ca !== undefined) firstCertificate("tls.ca", tls.ca, problems);
  if (certificate !== undefined && key !== undefined && !certificate.checkPrivateKey(key)) {
    const problem = "does not match the certificate in tls.cert";
    problems.push({ path: "tls.key", problem, remedy: "set the private key of the certificate" });
  }
  if (DEFAULT_MIN_VERSION < "TLSv1.2") {
    const problem = `requires TLS 1.2 or later; this process accepts ${DEFAULT_MIN_VERSION}`;
    problems.push({ path: "tls", problem, remedy: "start Node.js without --tls-min-v1.0 and --tls-min-v1.1" });
  }
  if (problems.length === 0) problems.push(...contextProblems(tls));
  return problems;
}

/** Returns the credentials of a server. The options must have no {@link tlsProblems}. */
export function tlsCredentials({ cert, key, ca }: BridgeTls): ServerCredentials {
  const pair = { cert_chain: Buffer.from(cert), private_key: Buffer.from(key) };
  return ServerCredentials.createSsl(ca === undefined ? null : Buffer.from(ca), [pair], ca !== undefined);
}

function firstCertificate(path: string, pem: unknown, problems: ConfigProblem[]): X509Certificate | undefined {
  const blocks = pemOf(pem)?.match(CERTIFICATES) ?? [];
  const remedy = "set the contents of a PEM file that begins with -----BEGIN CERTIFICATE-----";
  if (blocks.length === 0) {
    problems.push({ path, problem: "contains no certificate", remedy });
    return undefined;
  }
  const certificates = blocks.flatMap((block) => {
    try {
      return [new X509Certificate(block)];
    } catch {
      // The message of OpenSSL is no help to users.
      problems.push({ path, problem: "contains an invalid certificate", remedy });
      return [];
    }
  });
  for (const { subject, validTo } of certificates) {
    if (Date.parse(validTo) >= Date.now()) continue;
    const problem = `contains an expired certificate: ${subject.replaceAll("\n", ", ")} was valid until ${validTo}`;
    problems.push({ path, problem, remedy: "renew the certificate" });
  }
  return certificates[0];
}

function privateKey(pem: unknown, problems: ConfigProblem[]): KeyObject | undefined {
  const path = "tls.key";
  const block = pemOf(pem);
  if (block === undefined || !/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(block)) {
    const remedy = "set the contents of a PEM file that begins with -----BEGIN PRIVATE KEY-----";
    problems.push({ path, problem: "contains no private key", remedy });
    return undefined;
  }
  try {
    return createPrivateKey(block);
  } catch {
    const isEncrypted = /ENCRYPTED/.test(block);
    const problem = isEncrypted ? "is encrypted with a passphrase" : "contains an invalid private key";
    const remedy = isEncrypted ? "decrypt the key, for example with openssl pkey" : "set a private key in PEM";
    problems.push({ path, problem, remedy });
    return undefined;
  }
}

/** Returns the problems that only OpenSSL detects, such as a key that is too short. */
function contextProblems({ cert, key, ca }: BridgeTls): readonly ConfigProblem[] {
  try {
    createSecureContext({
      cert: Buffer.from(cert),
      key: Buffer.from(key),
      ca: ca === undefined ? ca : Buffer.from(ca),
    });
    return [];
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    const problem = `was rejected by OpenSSL: ${reason}`;
    return [{ path: "tls", problem, remedy: "create a certificate with a P-256 key or a 2048-bit RSA key" }];
  }
}

function pemOf(pem: unknown): string | undefined {
  if (typeof pem === "string") return pem;
  return pem instanceof Uint8Array ? Buffer.from(pem).toString("latin1") : undefined;
}
