// The program as a child process on a data directory of its own, for measurements and end-to-end tests.
import { execFile, spawn } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const exec = promisify(execFile);

/** A data directory that is removed when `use` is done. */
export async function withDirectory(use) {
  const directory = mkdtempSync(join(tmpdir(), "orcheo-trace-"));
  // As root, PostgreSQL runs as another user, who has to pass through.
  chmodSync(directory, 0o755);
  try {
    return await use(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/**
 * Starts `binary` with `args`; resolves when it has printed its address (`serve`) or anything at all (`worker`).
 * `stop()` ends it as a service manager does and resolves with its exit code.
 */
export async function start(binary, args, environment = {}) {
  const child = spawn(binary, args, { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...environment } });
  let printed = "";
  const exited = new Promise((resolve) => child.once("exit", (code, signal) => resolve(code ?? signal)));
  const wanted = args[0] === "serve" ? /http:\/\/127\.0\.0\.1:\d+/ : /\S/;
  const found = await new Promise((resolve, reject) => {
    const read = (chunk) => {
      printed += chunk;
      const match = printed.match(wanted);
      if (match) resolve(match[0]);
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    exited.then((code) => reject(new Error(`${binary} ${args[0]} ended with ${code}:\n${printed}`)));
  });
  return {
    url: found,
    pid: child.pid,
    printed: () => printed,
    stop: async () => {
      child.kill("SIGTERM");
      return exited;
    },
  };
}

/** How PostgreSQL's own programs reach the private PostgreSQL of a data directory: read from its pid file. */
export function postgres(dataDirectory) {
  const pidFile = readdirSync(dataDirectory, { recursive: true }).find((name) => name.endsWith("postmaster.pid"));
  const lines = readFileSync(join(dataDirectory, pidFile), "utf8").split("\n");
  return { PGHOST: lines[4], PGPORT: lines[3], PGUSER: "orcheo", PGDATABASE: "postgres" };
}

/** The same connection as a URL. */
export function databaseUrl({ PGHOST, PGPORT, PGUSER, PGDATABASE }) {
  return `postgres://${PGUSER}@${encodeURIComponent(PGHOST)}:${PGPORT}/${PGDATABASE}`;
}

function program(name) {
  const root = "/usr/lib/postgresql";
  const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : [];
  return versions.map((version) => join(root, version, "bin", name)).find(existsSync) ?? name;
}

/** Runs one of PostgreSQL's own programs against `connection`; resolves with what it printed. */
export async function run(name, connection, args, cwd) {
  const { stdout } = await exec(program(name), args, { cwd, env: { ...process.env, ...connection }, maxBuffer: 1 << 30 });
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

/** Saves a workflow given as data; rejects with its problems. */
export async function saveWorkflow(url, definition) {
  const { saveWorkflow: saved } = await graphql(
    url,
    `mutation ($input: SaveWorkflowInput!) {
      saveWorkflow(input: $input) { workflow { version } problems { path line message } }
    }`,
    { input: { definition } },
  );
  if (saved.problems.length > 0) throw new Error(JSON.stringify(saved.problems));
}

/** Starts a saved workflow; resolves with the execution's id. */
export async function startExecution(url, workflowId, inputs = {}) {
  const { startExecution: started } = await graphql(
    url,
    `mutation ($input: StartExecutionInput!) { startExecution(input: $input) { execution { executionId } } }`,
    { input: { workflowId, inputs } },
  );
  return started.execution.executionId;
}

/** Resolves with the execution when it has reached a final status. */
export async function finished(url, executionId) {
  for (;;) {
    const { execution } = await graphql(
      url,
      `query ($id: ID!) {
        execution(executionId: $id) { executionId status durationMs spanCount outputs error { code message } }
      }`,
      { id: executionId },
    );
    if (!["QUEUED", "RUNNING"].includes(execution.status)) return execution;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
