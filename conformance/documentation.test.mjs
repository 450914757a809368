// Every GraphQL document of docs/api.md is valid against schema.graphql.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { buildSchema, parse, validate } from "graphql";

const read = (path) => readFileSync(new URL(path, import.meta.url), "utf8");
const schema = buildSchema(read("../schema.graphql"));
const documents = [...read("../docs/api.md").matchAll(/^```graphql\n([\s\S]*?)^```/gm)].map(([, text]) => text);

test("the page has documents", () => assert.ok(documents.length > 10));

for (const document of documents) {
  test(document.split("\n", 1)[0], () => {
    assert.deepEqual(validate(schema, parse(document)).map((error) => error.message), []);
  });
}
