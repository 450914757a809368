// The GraphQL-over-HTTP specification, by the audit of the graphql-http package: every MUST and every SHOULD.
import assert from "node:assert/strict";
import { join } from "node:path";
import test from "node:test";
import { serverAudits } from "graphql-http";
import { start, withDirectory } from "../scripts/program.mjs";

const BINARY = process.env.ORCHEO_TRACE_BINARY ?? "../target/debug/orcheo-trace";

test("GraphQL over HTTP keeps every MUST and SHOULD of its specification", { timeout: 120_000 }, async (t) => {
  await withDirectory(async (directory) => {
    const server = await start(BINARY, ["serve", "--no-worker", "--listen", "127.0.0.1:0", "--data-dir", join(directory, "data")]);
    try {
      for (const audit of serverAudits({ url: `${server.url}/graphql`, fetchFn: fetch })) {
        if (audit.name.startsWith("MAY")) continue;
        await t.test(`${audit.id} ${audit.name}`, async () => {
          const result = await audit.fn();
          assert.equal(result.status, "ok", result.reason);
        });
      }
    } finally {
      await server.stop();
    }
  });
});
