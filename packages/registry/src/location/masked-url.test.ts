import { expect, it } from "vitest";
import { maskedUrl } from "./masked-url.ts";

it.each([
  ["postgres://user:s3cret@host:5432/database", "postgres://user:***@host:5432/database"],
  ["postgresql://user:p@ss/w:rd@host/database", "postgresql://user:***@host/database"],
  ["postgres://:s3cret@host/database", "postgres://:***@host/database"],
  [
    "postgres://user@host/database?password=s3cret&sslmode=require",
    "postgres://user@host/database?password=***&sslmode=require",
  ],
  ["postgres://user@host/database", "postgres://user@host/database"],
  ["postgres://host:5432/database", "postgres://host:5432/database"],
  ["user:s3cret@host/database", "user:***@host/database"],
  ["not a URL", "not a URL"],
])("shows %s as %s", (url, masked) => {
  expect(maskedUrl(url)).toBe(masked);
});
