import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { createSecureContext, DEFAULT_MIN_VERSION } from "node:tls";
import { ServerCredentials } from "@grpc/grpc-js";
import { type ConfigProblem, describeKind } from "@snakepit/core";

/** The certificate and key of a server, and the authorities of its clients. All in PEM: the contents of the files. */
export interface BridgeTls {
  /** The certificate, followed by the intermediate certificates. */
  readonly cert: string | Uint8Array;
  /** The private key of the certificate, without a passphrase. */
  readonly key: string | Uint8Array;
  /** Certificates of authorities. With them, clients need a certificate of one of them in addition to the token. */
  readonly ca?: string | Uint8Array | undefined;
}

const OPTIONS: readonly string[] = ["cert", "key", "ca"] satisfies (keyof BridgeTls)[];

const CERTIFICATES = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** Returns what is invalid. The messages never contain the key. */
export function tlsProblems(tls: BridgeTls): readonly ConfigProblem[] {
  const remedy = "give { cert, key }, and ca where clients are to have certificates; all in PEM, or leave it out";
  if (typeof tls !== "object" || tls === null) {
    return [{ path: "tls", problem: `an object was expected, got ${describeKind(tls)}`, remedy }];
  }
  const problems = Object.keys(tls)
    .filter((name) => !OPTIONS.includes(name))
    .map((name): ConfigProblem => ({ path: `tls.${name}`, problem: "it is not an option", remedy }));
  if (problems.length > 0) return problems;
  const certificate = firstCertificate("tls.cert", tls.cert, problems);
  const key = privateKey(tls.key, problems);
  if (tls.ca !== undefined) firstCertificate("tls.ca", tls.ca, problems);
  if (certificate !== undefined && key !== undefined && !certificate.checkPrivateKey(key)) {
    const problem = "the key is not the one of the certificate in tls.cert";
    problems.push({ path: "tls.key", problem, remedy: "give the key that the certificate was made with" });
  }
  if (DEFAULT_MIN_VERSION < "TLSv1.2") {
    const problem = `this Node.js accepts ${DEFAULT_MIN_VERSION}, which is broken`;
    problems.push({ path: "tls", problem, remedy: "start it without --tls-min-v1.0 and --tls-min-v1.1" });
  }
  if (problems.length === 0) problems.push(...contextProblems(tls));
  return problems;
}

/** Returns the credentials of a server, for options without {@link tlsProblems}. */
export function tlsCredentials({ cert, key, ca }: BridgeTls): ServerCredentials {
  const pair = { cert_chain: Buffer.from(cert), private_key: Buffer.from(key) };
  return ServerCredentials.createSsl(ca === undefined ? null : Buffer.from(ca), [pair], ca !== undefined);
}

function firstCertificate(path: string, pem: unknown, problems: ConfigProblem[]): X509Certificate | undefined {
  const blocks = pemOf(pem)?.match(CERTIFICATES) ?? [];
  const remedy = "give the text of a file in PEM, from -----BEGIN CERTIFICATE----- on";
  if (blocks.length === 0) {
    problems.push({ path, problem: "there is no certificate in it", remedy });
    return undefined;
  }
  const certificates = blocks.flatMap((block) => {
    try {
      return [new X509Certificate(block)];
    } catch {
      // The message of OpenSSL does not help.
      problems.push({ path, problem: "there is a certificate in it that cannot be read", remedy });
      return [];
    }
  });
  for (const { subject, validTo } of certificates) {
    if (Date.parse(validTo) >= Date.now()) continue;
    const problem = `the certificate of ${subject.replaceAll("\n", ", ")} was valid until ${validTo}`;
    problems.push({ path, problem, remedy: "renew it" });
  }
  return certificates[0];
}

function privateKey(pem: unknown, problems: ConfigProblem[]): KeyObject | undefined {
  const path = "tls.key";
  const block = pemOf(pem);
  if (block === undefined || !/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(block)) {
    const remedy = "give the text of a file in PEM, from -----BEGIN PRIVATE KEY----- on";
    problems.push({ path, problem: "there is no private key in it", remedy });
    return undefined;
  }
  try {
    return createPrivateKey(block);
  } catch {
    const isEncrypted = /ENCRYPTED/.test(block);
    const problem = isEncrypted ? "the key is encrypted with a passphrase" : "the key cannot be read";
    const remedy = isEncrypted ? "decrypt it first, for example with openssl pkey" : "give a private key in PEM";
    problems.push({ path, problem, remedy });
    return undefined;
  }
}

/** OpenSSL rejects more than the checks above: keys that are too short, for example. */
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
    const problem = `certificate and key were refused: ${reason}`;
    return [{ path: "tls", problem, remedy: "make a certificate with a key on P-256, or an RSA key of 2048 bits" }];
  }
}

function pemOf(pem: unknown): string | undefined {
  if (typeof pem === "string") return pem;
  return pem instanceof Uint8Array ? Buffer.from(pem).toString("latin1") : undefined;
}
