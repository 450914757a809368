//! Starts the program, reads what it prints, ends it, and leaves nothing behind.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};

/// Far beyond what anything here takes; only a program that hangs gets there.
const PATIENCE: Duration = Duration::from_secs(90);

/// A directory with a data directory and workflow files in it.
pub(crate) struct Directory(tempfile::TempDir);

impl Directory {
    pub(crate) fn new() -> Self {
        // Root's PostgreSQL runs as another user, who has to pass through.
        let open = fs::Permissions::from_mode(0o755);
        Self(
            tempfile::Builder::new()
                .permissions(open)
                .tempdir()
                .unwrap(),
        )
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.path().join("data")
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path().join(name);
        fs::write(&path, text).unwrap();
        path
    }

    /// A workflow whose steps, in sequence, each take so many seconds.
    pub(crate) fn delays(&self, id: &str, seconds: &[f64]) -> PathBuf {
        let names: Vec<String> = (1..=seconds.len())
            .map(|step| format!("step_{step}"))
            .collect();
        let nodes: Vec<Value> = names
            .iter()
            .zip(seconds)
            .map(|(name, seconds)| json!({"name": name, "type": "DelayNode", "duration_seconds": seconds}))
            .collect();
        let stations: Vec<&str> = ["START"]
            .into_iter()
            .chain(names.iter().map(String::as_str))
            .chain(["END"])
            .collect();
        let edges: Vec<_> = stations.windows(2).collect();
        let workflow = json!({"id": id, "name": id, "nodes": nodes, "edges": edges});
        self.write(&format!("{id}.json"), &workflow.to_string())
    }

    /// The program on this directory, untouched by the environment that the tests run in.
    pub(crate) fn program(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_orcheo-trace"));
        for (name, _) in std::env::vars() {
            if ["ORCHEO", "OTEL", "DATABASE_URL", "NO_COLOR"]
                .iter()
                .any(|prefix| name.starts_with(prefix))
            {
                command.env_remove(name);
            }
        }
        command
            .args(arguments)
            .current_dir(self.path())
            .env("ORCHEO_TRACE_DATA_DIR", self.data())
            .stdin(Stdio::null());
        command
    }

    /// Runs the program to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Finished {
        Finished::of(&mut self.program(arguments))
    }

    pub(crate) fn serve(&self, arguments: &[&str]) -> Server {
        let arguments: Vec<&str> = ["serve", "--listen", "127.0.0.1:0"]
            .iter()
            .chain(arguments)
            .copied()
            .collect();
        Server::start(self.program(&arguments))
    }

    /// The process of the private PostgreSQL; none when it does not run.
    pub(crate) fn postgres(&self) -> Option<Pid> {
        let file = fs::read_to_string(self.data().join("postgres/postmaster.pid")).ok()?;
        let pid = Pid::from_raw(file.lines().next()?.parse().ok()?);
        kill(pid, None).ok().map(|()| pid)
    }
}

impl Drop for Directory {
    /// A test that failed may have left its PostgreSQL running.
    fn drop(&mut self) {
        if let Some(pid) = self.postgres() {
            let _ = kill(pid, Signal::SIGINT);
            until(|| self.postgres().is_none().then_some(()));
        }
    }
}

/// A program that has ended.
pub(crate) struct Finished {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Finished {
    pub(crate) fn of(command: &mut Command) -> Self {
        Self::from(command.output().unwrap())
    }
}

impl From<Output> for Finished {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// A running program; killed when dropped.
pub(crate) struct Running {
    child: Child,
    stdout: BufReader<ChildStdout>,
}

impl Running {
    pub(crate) fn spawn(command: &mut Command) -> Self {
        Self::spawn_with(command, Stdio::piped())
    }

    fn spawn_with(command: &mut Command, stderr: Stdio) -> Self {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(stderr)
            .spawn()
            .unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        Self { child, stdout }
    }

    pub(crate) fn pid(&self) -> Pid {
        Pid::from_raw(self.child.id().try_into().unwrap())
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill(self.pid(), signal).unwrap();
    }

    /// Reads standard output until a line satisfies; the rest is left for [`Self::finish`].
    pub(crate) fn line<T>(&mut self, mut wanted: impl FnMut(&str) -> Option<T>) -> T {
        let mut read = Vec::new();
        let mut found = None;
        self.lines_until(&mut read, |line| {
            found = wanted(line);
            found.is_some()
        });
        found.unwrap()
    }

    /// Collects lines of standard output up to one that satisfies.
    pub(crate) fn lines_until(
        &mut self,
        lines: &mut Vec<String>,
        mut satisfies: impl FnMut(&str) -> bool,
    ) {
        loop {
            let mut line = String::new();
            if self.stdout.read_line(&mut line).unwrap() == 0 {
                let mut errors = String::new();
                if let Some(mut err) = self.child.stderr.take() {
                    err.read_to_string(&mut errors).unwrap();
                }
                panic!("the program ended early:\n{}\n{errors}", lines.join("\n"));
            }
            lines.push(line.trim_end().to_owned());
            if satisfies(line.trim_end()) {
                return;
            }
        }
    }

    /// Waits for the program's end.
    pub(crate) fn wait(mut self) -> ExitStatus {
        until(|| self.child.try_wait().unwrap())
    }

    /// Waits for the program's end and reads what is left of what it printed.
    pub(crate) fn finish(mut self) -> Finished {
        let mut stdout = String::new();
        self.stdout.read_to_string(&mut stdout).unwrap();
        let mut stderr = String::new();
        if let Some(mut err) = self.child.stderr.take() {
            err.read_to_string(&mut stderr).unwrap();
        }
        let status = until(|| self.child.try_wait().unwrap());
        Finished {
            code: status.code(),
            stdout,
            stderr,
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// A running `serve`.
pub(crate) struct Server {
    pub(crate) running: Running,
    pub(crate) url: String,
    client: reqwest::blocking::Client,
}

impl Server {
    pub(crate) fn start(mut command: Command) -> Self {
        // Its log is read by nobody; a full pipe would stop it.
        let mut running = Running::spawn_with(&mut command, Stdio::null());
        let url = running.line(|line| {
            let start = line.find("http://")?;
            Some(line[start..].trim_end_matches('/').to_owned())
        });
        Self {
            running,
            url,
            client: reqwest::blocking::Client::new(),
        }
    }

    /// Ends it as a service manager does; it must take this as a success.
    pub(crate) fn stop(self) {
        self.running.signal(Signal::SIGTERM);
        let status = self.running.wait();
        assert_eq!((status.code(), status.signal()), (Some(0), None));
    }

    pub(crate) fn kill(self) {
        self.running.signal(Signal::SIGKILL);
        self.running.wait();
    }

    pub(crate) fn get(&self, path: &str) -> reqwest::blocking::Response {
        self.client
            .get(format!("{}{path}", self.url))
            .send()
            .unwrap()
    }

    pub(crate) fn json(&self, path: &str) -> Value {
        let response = self.get(path);
        assert!(
            response.status().is_success(),
            "{path}: {}",
            response.status()
        );
        response.json().unwrap()
    }

    /// Starts a saved workflow; the execution's id.
    pub(crate) fn start_execution(&self, workflow_id: &str) -> String {
        let url = format!("{}/api/workflows/{workflow_id}/executions", self.url);
        let response = self.client.post(url).json(&json!({})).send().unwrap();
        assert_eq!(response.status(), 202);
        let execution: Value = response.json().unwrap();
        execution["execution"]["id"].as_str().unwrap().to_owned()
    }

    pub(crate) fn trace(&self, execution_id: &str) -> Trace {
        Trace(self.json(&format!("/api/executions/{execution_id}/trace?limit=10000")))
    }

    /// Waits until the execution's trace satisfies.
    pub(crate) fn trace_when(
        &self,
        execution_id: &str,
        satisfies: impl Fn(&Trace) -> bool,
    ) -> Trace {
        until(|| Some(self.trace(execution_id)).filter(&satisfies))
    }

    /// Waits until the execution has reached a final status.
    pub(crate) fn finished(&self, execution_id: &str) -> Trace {
        self.trace_when(execution_id, |trace| {
            !["pending", "running"].contains(&trace.status())
        })
    }
}

/// A trace as REST shows it.
pub(crate) struct Trace(pub(crate) Value);

impl Trace {
    /// In Orcheo's words: pending, running, completed, error or cancelled.
    pub(crate) fn status(&self) -> &str {
        self.0["execution"]["status"].as_str().unwrap()
    }

    pub(crate) fn spans(&self) -> &[Value] {
        self.0["spans"].as_array().unwrap()
    }

    /// Spans of a node that have ended without an error.
    pub(crate) fn succeeded(&self, node: &str) -> usize {
        self.of_node(node)
            .filter(|span| !span["end_time"].is_null() && span["status"]["code"] == "OK")
            .count()
    }

    /// How often a node was begun.
    pub(crate) fn begun(&self, node: &str) -> usize {
        self.of_node(node).count()
    }

    fn of_node(&self, node: &str) -> impl Iterator<Item = &Value> {
        let is_of = move |span: &&Value| span["attributes"]["orcheo.node.id"] == node;
        self.spans().iter().filter(is_of)
    }
}

/// Waits until there is a value.
pub(crate) fn until<T>(mut value: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        if let Some(value) = value() {
            return value;
        }
        thread::sleep(Duration::from_millis(20));
    }
    panic!("it did not come to pass");
}
