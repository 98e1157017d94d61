import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { createSecureContext, DEFAULT_MIN_VERSION } from "node:tls";
import { ServerCredentials } from "@grpc/grpc-js";
import { type ConfigProblem, describeKind } from "@snakepit/core";

/** With what a server shows who it is, and whom it wants to know. All in PEM: the text of the files, not their paths. */
export interface BridgeTls {
  /** The certificate, followed by those between it and the authority that clients know. */
  readonly cert: string | Uint8Array;
  /** The private key of the certificate, without a passphrase. */
  readonly key: string | Uint8Array;
  /** Certificates of authorities. When they are given, clients need a certificate of one of them, beside the token. */
  readonly ca?: string | Uint8Array | undefined;
}

const OPTIONS: readonly string[] = ["cert", "key", "ca"] satisfies (keyof BridgeTls)[];

const CERTIFICATES = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** What is wrong with it. No key is ever in the texts. */
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

/** The credentials of a server; from what {@link tlsProblems} has no objection to. */
export function tlsCredentials({ cert, key, ca }: BridgeTls): ServerCredentials {
  const pair = { cert_chain: Buffer.from(cert), private_key: Buffer.from(key) };
  return ServerCredentials.createSsl(ca === undefined ? null : Buffer.from(ca), [pair], ca !== undefined);
}

function firstCertificate(path: string, pem: unknown, problems: ConfigProblem[]): X509Certificate | undefined {
  const texts = textOf(pem)?.match(CERTIFICATES) ?? [];
  const remedy = "give the text of a file in PEM, from -----BEGIN CERTIFICATE----- on";
  if (texts.length === 0) {
    problems.push({ path, problem: "there is no certificate in it", remedy });
    return undefined;
  }
  const certificates = texts.flatMap((text) => {
    try {
      return [new X509Certificate(text)];
    } catch {
      // What OpenSSL says of it helps nobody.
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
  const text = textOf(pem);
  if (text === undefined || !/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) {
    const remedy = "give the text of a file in PEM, from -----BEGIN PRIVATE KEY----- on";
    problems.push({ path, problem: "there is no private key in it", remedy });
    return undefined;
  }
  try {
    return createPrivateKey(text);
  } catch {
    const isEncrypted = /ENCRYPTED/.test(text);
    const problem = isEncrypted ? "the key is encrypted with a passphrase" : "the key cannot be read";
    const remedy = isEncrypted ? "decrypt it first, for example with openssl pkey" : "give a private key in PEM";
    problems.push({ path, problem, remedy });
    return undefined;
  }
}

/** Whether OpenSSL takes them, as a server will: it refuses keys that are too short, too. */
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

function textOf(pem: unknown): string | undefined {
  if (typeof pem === "string") return pem;
  return pem instanceof Uint8Array ? Buffer.from(pem).toString("latin1") : undefined;
}
