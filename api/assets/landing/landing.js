// The newest executions, kept up to date by asking again: the page stays light, and the live views are elsewhere.
const REFRESH_MS = 2_000;
const FINAL = new Set(["SUCCEEDED", "FAILED", "CANCELLED", "ABANDONED"]);

const element = (id) => document.getElementById(id);
const rows = document.querySelector("tbody");

function traceLink(execution) {
  const query = `subscription TraceUpdates($executionId: ID!) {
  traceUpdates(executionId: $executionId) {
    cursor
    caughtUp
    complete
    execution { status spanCount errorCount }
    spans { spanId parentSpanId displayName state durationMs revision }
  }
}
`;
  const parameters = new URLSearchParams({ query, variables: JSON.stringify({ executionId: execution.id }, null, 2) });
  return `/graphiql?${parameters}`;
}

function duration(execution) {
  const end = execution.finished_at ?? (FINAL.has(execution.status) ? null : Date.now());
  if (!execution.started_at || !end) return "";
  const seconds = Math.max(0, new Date(end) - new Date(execution.started_at)) / 1000;
  return seconds < 60 ? `${seconds.toFixed(seconds < 10 ? 2 : 1)} s` : `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

function cell(content, className = "") {
  const td = document.createElement("td");
  td.className = className;
  td.append(content);
  return td;
}

function row(execution) {
  const state = document.createElement("span");
  state.className = `state ${execution.status}`;
  state.textContent = execution.status.toLowerCase();

  const queued = document.createElement("time");
  queued.dateTime = execution.queued_at;
  queued.textContent = new Date(execution.queued_at).toLocaleString();

  const trace = document.createElement("a");
  trace.href = traceLink(execution);
  trace.textContent = FINAL.has(execution.status) ? "open" : "watch";
  trace.setAttribute("aria-label", `${trace.textContent} the trace of execution ${execution.id}`);

  const tr = document.createElement("tr");
  tr.append(
    cell(execution.workflow_id ?? "–"),
    cell(state),
    cell(queued),
    cell(duration(execution), "number"),
    cell(String(execution.span_count), "number"),
    cell(String(execution.error_count), "number"),
    cell((execution.token_usage.input + execution.token_usage.output).toLocaleString(), "number"),
    cell(trace),
  );
  return tr;
}

async function refresh() {
  let message = "";
  try {
    const response = await fetch("/api/executions?limit=20");
    if (response.status === 401) return start();
    if (!response.ok) throw new Error(response.statusText);
    const { executions } = await response.json();
    // Links keep the focus: the table is only redrawn when nobody is in it.
    if (!rows.contains(document.activeElement)) rows.replaceChildren(...executions.map(row));
    element("none").hidden = executions.length > 0;
  } catch {
    message = "The server does not answer; trying again.";
  }
  if (element("status").textContent !== message) element("status").textContent = message;
  setTimeout(refresh, REFRESH_MS);
}

async function start() {
  let session;
  try {
    session = await (await fetch("/api/session")).json();
  } catch {
    setTimeout(start, REFRESH_MS);
    return;
  }
  element("sign-in").hidden = session.authenticated;
  element("executions").hidden = !session.authenticated;
  element("sign-out").hidden = !session.required;
  if (session.authenticated) await refresh();
}

element("sign-in").addEventListener("submit", async (event) => {
  event.preventDefault();
  const token = new FormData(event.currentTarget).get("token");
  const response = await fetch("/api/session", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ token }),
  });
  element("sign-in-problem").textContent = response.ok ? "" : (await response.json()).detail;
  if (response.ok) await start();
});

element("sign-out").addEventListener("click", async () => {
  await fetch("/api/session", { method: "DELETE" });
  location.reload();
});

await start();
