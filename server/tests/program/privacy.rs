//! What the settings say about privacy, seen from the outside.

use serde_json::Value;

use crate::harness::{Directory, Finished};

const REPORT: &str = "
id: report
nodes:
  - {name: write, type: ArtifactNode, file_name: report.txt, content: 'EMP-123456 likes {{inputs.taste}}'}
edges: [[START, write], [write, END]]
inputs: {taste: planted-taste}
";

/// Runs the workflow; what `export` says of it then.
fn exported(directory: &Directory, name: &str, value: &str) -> String {
    let mut run = directory.program(&["run", "report.yaml", "--json"]);
    let run = Finished::of(run.env(name, value));
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    let execution = document["execution"]["id"].as_str().unwrap();
    let export = directory.run(&["export", execution]);
    assert_eq!(export.code, Some(0), "{}", export.stderr);
    run.stdout + &export.stdout
}

#[test]
fn a_run_tells_no_content_where_the_variable_of_the_standard_says_so() {
    const CAPTURE: &str = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT";
    let directory = Directory::new();
    directory.write("report.yaml", REPORT);
    let told = exported(&directory, CAPTURE, "true");
    assert!(told.contains("planted-taste"), "{told}");
    let told = exported(&directory, CAPTURE, "NO_CONTENT");
    assert!(!told.contains("planted-taste"), "{told}");
    assert!(told.contains("report.txt"), "{told}");
    let mut refused = directory.program(&["run", "report.yaml"]);
    let refused = Finished::of(refused.env(CAPTURE, "perhaps"));
    assert_eq!(refused.code, Some(2));
    assert!(
        refused.stderr.contains("`perhaps` is neither"),
        "{}",
        refused.stderr
    );
}

#[test]
fn settings_that_are_wrong_are_refused_with_every_place() {
    let directory = Directory::new();
    directory.write("report.yaml", REPORT);
    directory.write(
        "orcheo-trace.toml",
        "[redaction]\ndisable = ['emial']\n[[redaction.rules]]\nname = 'x'\npattern = '(a'\n",
    );
    let run = directory.run(&["run", "report.yaml"]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""));
    assert_eq!(
        run.stderr,
        "error: redaction.disable[0]: there is no rule `emial`\nredaction.rules[0].pattern: unclosed group\n"
    );
}

#[test]
fn stored_traces_are_passed_through_the_rules_of_today() {
    let directory = Directory::new();
    directory.write("report.yaml", REPORT);
    let told = exported(&directory, "LANG", "C");
    assert!(told.contains("EMP-123456"), "{told}");
    let document: Value = serde_json::Deserializer::from_str(&told)
        .into_iter()
        .next()
        .unwrap()
        .unwrap();
    let execution = document["execution"]["id"].as_str().unwrap();
    directory.write(
        "orcheo-trace.toml",
        "[[redaction.rules]]\nname = 'employee-number'\npattern = 'EMP-[0-9]+'\n",
    );

    let asked = directory.run(&["redact", "--dry-run"]);
    assert_eq!((asked.code, asked.stderr.as_str()), (Some(0), ""));
    let last = "\n1 executions scanned, 1 would change\n";
    assert!(
        asked.stdout.contains("  employee-number\n") && asked.stdout.ends_with(last),
        "{}",
        asked.stdout
    );

    let redacted = directory.run(&["redact", "--json"]);
    assert_eq!((redacted.code, redacted.stderr.as_str()), (Some(0), ""));
    let redacted: Value = serde_json::from_str(&redacted.stdout).unwrap();
    assert_eq!(
        (&redacted["executions"], &redacted["changed"]),
        (&1.into(), &1.into())
    );
    assert!(
        redacted["hidden"]["employee-number"].as_u64().unwrap() > 1,
        "{redacted}"
    );

    let export = directory.run(&["export", execution]);
    assert!(
        export
            .stdout
            .contains("[REDACTED:employee-number] likes planted-taste"),
        "{}",
        export.stdout
    );
    assert!(!export.stdout.contains("EMP-123456"), "{}", export.stdout);
    let again = directory.run(&["redact"]);
    assert_eq!(again.stdout, "0 executions scanned, 0 changed\n");
    // A run under the same rules has passed them.
    assert!(!exported(&directory, "LANG", "C").contains("EMP-123456"));
    assert_eq!(
        directory.run(&["redact"]).stdout,
        "0 executions scanned, 0 changed\n"
    );
}
