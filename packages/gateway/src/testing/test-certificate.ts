import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { isIP } from "node:net";

/** A certificate on P-256 with its key, in PEM. */
export interface TestCertificate {
  readonly cert: string;
  readonly key: string;
  readonly name: string;
  readonly privateKey: KeyObject;
}

/** The options of {@link makeCertificate}. */
export interface TestCertificateOptions {
  /** The names and IPv4 addresses in the certificate. */
  readonly hosts?: readonly string[];
  /** The certificate of the signer. Default: self-signed. */
  readonly issuer?: TestCertificate;
  /** Default: in a day. */
  readonly validTo?: Date;
}

const ECDSA_WITH_SHA256 = sequence(oid("1.2.840.10045.4.3.2"));

/** Creates a certificate (RFC 5280) for a test, which can sign others. */
export function makeCertificate(name: string, options: TestCertificateOptions = {}): TestCertificate {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const { hosts = [], issuer, validTo = new Date(Date.now() + 86_400_000) } = options;
  const toBeSigned = sequence(
    explicit(0, integer(Buffer.of(2))),
    integer(Buffer.concat([Buffer.of(1), randomBytes(8)])),
    ECDSA_WITH_SHA256,
    distinguishedName(issuer?.name ?? name),
    sequence(utcTime(new Date(Date.now() - 2 * 86_400_000)), utcTime(validTo)),
    distinguishedName(name),
    publicKey.export({ type: "spki", format: "der" }),
    explicit(3, sequence(basicConstraints(), ...(hosts.length === 0 ? [] : [alternativeNames(hosts)]))),
  );
  const signature = sign("sha256", toBeSigned, { key: issuer?.privateKey ?? privateKey, dsaEncoding: "der" });
  const certificate = sequence(toBeSigned, ECDSA_WITH_SHA256, element(0x03, Buffer.of(0), signature));
  return {
    cert: pem("CERTIFICATE", certificate),
    key: privateKey.export({ type: "pkcs8", format: "pem" }) as string,
    name,
    privateKey,
  };
}

function basicConstraints(): Buffer {
  const isAuthority = element(0x01, Buffer.of(0xff));
  return sequence(oid("2.5.29.19"), isAuthority, element(0x04, sequence(isAuthority)));
}

function alternativeNames(hosts: readonly string[]): Buffer {
  const names = hosts.map((host) =>
    isIP(host) === 4 ? element(0x87, Buffer.from(host.split(".").map(Number))) : element(0x82, Buffer.from(host)),
  );
  return sequence(oid("2.5.29.17"), element(0x04, sequence(...names)));
}

function distinguishedName(name: string): Buffer {
  return sequence(element(0x31, sequence(oid("2.5.4.3"), element(0x0c, Buffer.from(name)))));
}

function utcTime(date: Date): Buffer {
  const digits = date.toISOString().replace(/\D/g, "");
  return element(0x17, Buffer.from(`${digits.slice(2, 14)}Z`));
}

function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  const bytes = rest.flatMap((arc) => {
    const septets = [arc & 0x7f];
    for (let left = arc >>> 7; left > 0; left >>>= 7) septets.unshift(0x80 | (left & 0x7f));
    return septets;
  });
  return element(0x06, Buffer.of(first * 40 + second, ...bytes));
}

function integer(bytes: Buffer): Buffer {
  return element(0x02, bytes);
}

function explicit(number: number, content: Buffer): Buffer {
  return element(0xa0 | number, content);
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return element(0x30, ...parts);
}

function element(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const head = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >>> 8, length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...head), content]);
}

function pem(label: string, der: Buffer): string {
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}
