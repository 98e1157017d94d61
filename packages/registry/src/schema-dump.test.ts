import { join } from "node:path";
import { expect, it } from "vitest";
import { schemaOfMigrations } from "./testing/schema-of-migrations.ts";

it("the migrations create the schemas in schema/", async () => {
  for (const [file, schema] of await schemaOfMigrations()) {
    await expect(schema).toMatchFileSnapshot(join(import.meta.dirname, "..", file));
  }
});
