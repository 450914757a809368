// A release build of the program on a data directory of its own, and the PostgreSQL that it started.
import { spawn, execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, existsSync, chmodSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const exec = promisify(execFile);
const BINARY = process.env.ORCHEO_TRACE_BINARY ?? "target/release/orcheo-trace";

/** Starts the program, measures with it, and ends it whatever happens. */
export async function withServer(measure) {
  const directory = mkdtempSync(join(tmpdir(), "orcheo-bench-"));
  // PostgreSQL drops root's rights and has to pass through.
  chmodSync(directory, 0o755);
  const child = spawn(BINARY, ["serve", "--listen", "127.0.0.1:0", "--data-dir", join(directory, "data")], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, RUST_LOG: "warn" },
  });
  const exited = new Promise((resolve) => child.once("exit", resolve));
  try {
    const url = await address(child);
    return await measure({ url, postgres: postgres(join(directory, "data")) });
  } finally {
    child.kill("SIGTERM");
    await exited;
    rmSync(directory, { recursive: true, force: true });
  }
}

function address(child) {
  return new Promise((resolve, reject) => {
    let printed = "";
    const read = (chunk) => {
      printed += chunk;
      const found = printed.match(/http:\/\/127\.0\.0\.1:\d+/);
      if (found) resolve(found[0]);
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    child.once("exit", (code) => reject(new Error(`the program ended with ${code}:\n${printed}`)));
  });
}

/** How psql and pgbench reach the private PostgreSQL: read from its own pid file. */
function postgres(dataDirectory) {
  const pidFile = readdirSync(dataDirectory, { recursive: true }).find((name) => name.endsWith("postmaster.pid"));
  const lines = readFileSync(join(dataDirectory, pidFile), "utf8").split("\n");
  return { PGHOST: lines[4], PGPORT: lines[3], PGUSER: "orcheo", PGDATABASE: "postgres" };
}

/** A PostgreSQL program of any installed version. */
export function program(name) {
  const root = "/usr/lib/postgresql";
  const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : [];
  const found = versions.map((version) => join(root, version, "bin", name)).find(existsSync);
  return found ?? name;
}

/** Runs a PostgreSQL program against `connection`; resolves with what it printed. */
export async function run(name, connection, args, cwd) {
  const { stdout } = await exec(program(name), args, {
    cwd,
    env: { ...process.env, ...connection },
    maxBuffer: 1 << 30,
  });
  return stdout;
}

/** One GraphQL request; rejects when the answer carries errors. */
export async function graphql(url, query, variables) {
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json" },
    body: JSON.stringify({ query, variables }),
  });
  const answer = await response.json();
  if (answer.errors) throw new Error(JSON.stringify(answer.errors));
  return answer.data;
}
