// A Relay client's documents compile against schema.graphql.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { promisify } from "node:util";
import relayCompiler from "relay-compiler";

const exec = promisify(execFile);
const here = import.meta.dirname;

test("the schema serves a Relay client", { timeout: 60_000 }, async () => {
  const output = mkdtempSync(join(here, ".relay-"));
  try {
    const config = join(output, "relay.config.json");
    writeFileSync(
      config,
      JSON.stringify({
        root: here,
        sources: { relay: "project" },
        projects: {
          project: { language: "javascript", schema: "../schema.graphql", output: join(output, "out").slice(here.length + 1) },
        },
      }),
    );
    const { stdout, stderr } = await exec(relayCompiler, [config, "--noWatchman"], { cwd: here }).catch((error) => error);
    assert.doesNotMatch(`${stdout}${stderr}`, /error|✖/i, `${stdout}\n${stderr}`);
    assert.match(stdout + stderr, /reader, .* normalization|compiled documents/i);
  } finally {
    rmSync(output, { recursive: true, force: true });
  }
});
