//! Traces that join across services: what a caller sends, and what the services see that its run calls.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};

use serde_json::{Value, json};

use crate::harness::{Directory, Server};

const TRACE_ID: &str = "0af7651916cd43dd8448eb211c80319c";

/// What a service was asked: the path, and the headers by their names in lower case.
struct Asked {
    path: String,
    headers: HashMap<String, String>,
}

/// A service that answers as a model server does, and tells what it was asked. Ends with the test's process.
fn service() -> (String, Receiver<Asked>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (sender, asked) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            answer(stream, &sender);
        }
    });
    (url, asked)
}

fn answer(mut stream: TcpStream, asked: &Sender<Asked>) {
    const CHUNK: &str = r#"{"id":"1","model":"m","choices":[{"index":0,"delta":{"content":"hi"},"finish_reason":"stop"}]}"#;
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut lines = Vec::new();
    let mut line = String::new();
    while reader.read_line(&mut line).unwrap() > 0 && line.trim() != "" {
        lines.push(std::mem::take(&mut line));
    }
    let headers: HashMap<String, String> = lines
        .iter()
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()))
        .collect();
    let length = headers.get("content-length");
    let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
    reader.read_exact(&mut body).unwrap();
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";
    let sent = format!("{head}data: {CHUNK}\n\ndata: [DONE]\n\n");
    stream.write_all(sent.as_bytes()).unwrap();
    let path = lines[0].split(' ').nth(1).unwrap().to_owned();
    asked.send(Asked { path, headers }).unwrap();
}

/// A server with a workflow that asks a service and a model.
fn serving(directory: &Directory, url: &str) -> Server {
    let definition = json!({
        "nodes": [
            {"name": "fetch", "type": "HttpRequestNode", "url": format!("{url}/fetch")},
            {"name": "ask", "type": "LLMNode", "ai_model": "openai:m", "input_text": "hi", "model_kwargs": {"base_url": url}},
        ],
        "edges": [["START", "fetch"], ["fetch", "ask"], ["ask", "END"]],
    });
    directory.write("joined.json", &definition.to_string());
    directory.serve(&["--workflows", "."])
}

/// Checks that both services saw their own span of the run as the caller, and what the run's caller sent along.
fn assert_joined(server: &Server, execution_id: &str, asked: &Receiver<Asked>) {
    let trace = server.finished(execution_id);
    assert_eq!(trace.status(), "completed", "{}", trace.0);
    for (path, name) in [("/fetch", "GET"), ("/chat/completions", "chat m")] {
        let asked = asked.recv().unwrap();
        assert_eq!(asked.path, path);
        let span = trace.spans().iter().find(|span| span["name"] == name);
        let span_id = span.unwrap()["span_id"].as_str().unwrap();
        assert_eq!(
            asked.headers["traceparent"],
            format!("00-{TRACE_ID}-{span_id}-01"),
            "{name}"
        );
        assert_eq!(asked.headers["tracestate"], "vendor=x");
        let mut baggage: Vec<&str> = asked.headers["baggage"].split(',').collect();
        baggage.sort_unstable();
        assert_eq!(baggage, ["tenant=a%20b%2Cc", "user.id=7;private"]);
    }
    let root = trace
        .spans()
        .iter()
        .find(|span| span["name"] == "workflow.execution");
    assert_eq!(root.unwrap()["parent_span_id"], "b7ad6b7169203331");
}

fn from_a_trace(request: reqwest::blocking::RequestBuilder) -> reqwest::blocking::RequestBuilder {
    request
        .header("traceparent", format!("00-{TRACE_ID}-b7ad6b7169203331-01"))
        .header("tracestate", "vendor=x")
        .header("baggage", "tenant=a%20b%2Cc")
        .header("baggage", "user.id=7;private")
}

#[test]
fn a_run_started_by_rest_hands_its_caller_s_trace_and_baggage_on() {
    let (directory, (url, asked)) = (Directory::new(), service());
    let server = serving(&directory, &url);
    let start = format!("{}/api/workflows/joined/executions", server.url);
    let request = reqwest::blocking::Client::new()
        .post(start)
        .json(&json!({}));
    let started: Value = from_a_trace(request).send().unwrap().json().unwrap();
    assert_eq!(started["trace_id"], TRACE_ID);
    let execution_id = started["execution"]["id"].as_str().unwrap();
    assert_joined(&server, execution_id, &asked);
    server.stop();
}

#[test]
fn a_run_started_by_graphql_hands_its_caller_s_trace_and_baggage_on() {
    let (directory, (url, asked)) = (Directory::new(), service());
    let server = serving(&directory, &url);
    let query = r#"mutation { startExecution(input: {workflowId: "joined"}) { execution { executionId traceId } } }"#;
    let request = reqwest::blocking::Client::new().post(format!("{}/graphql", server.url));
    let request = from_a_trace(request.json(&json!({ "query": query })));
    let answer: Value = request.send().unwrap().json().unwrap();
    let started = &answer["data"]["startExecution"]["execution"];
    assert_eq!(started["traceId"], TRACE_ID, "{answer}");
    assert_joined(&server, started["executionId"].as_str().unwrap(), &asked);
    server.stop();
}
