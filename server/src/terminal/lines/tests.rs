use super::*;
use crate::terminal::fixture::span;

const MS: i64 = 1_000_000;

fn ended(id: &str, parent: Option<&str>, start_ms: i64, end_ms: i64) -> SpanView {
    SpanView {
        standing: Standing::Succeeded,
        end_ns: Some(end_ms * MS),
        ..span(id, parent, start_ms * MS)
    }
}

fn viewport(width: usize, height: usize) -> Viewport {
    Viewport {
        width,
        height,
        now_ns: 2_500 * MS,
        frame: 0,
    }
}

fn summary(standing: Standing, word: &str) -> Summary {
    Summary {
        standing,
        word: word.to_owned(),
        started_ns: Some(0),
        ended_ns: (standing != Standing::Running).then_some(2_410 * MS),
        artifacts: Vec::new(),
    }
}

fn text(lines: &[Line], width: usize) -> String {
    for line in lines {
        assert!(
            line.width() < width,
            "{} columns: {}",
            line.width(),
            line.text()
        );
    }
    let lines: Vec<String> = lines
        .iter()
        .map(|line| line.text().trim_end().to_owned())
        .collect();
    lines.join("\n")
}

/// A run with every state in it.
fn triage() -> Trace {
    let mut trace = Trace::default();
    let spans = [
        span("Support triage", None, 0),
        ended("Load ticket", Some("Support triage"), 0, 31),
        ended("Classify", Some("Support triage"), 31, 343),
        SpanView {
            tokens: (96, 12),
            ..ended("chat offline:classify", Some("Classify"), 33, 341)
        },
        SpanView {
            standing: Standing::Failed,
            error: Some("connection refused: 127.0.0.1:9".to_owned()),
            note: "attempt 1".to_owned(),
            ..ended("Fetch history", Some("Support triage"), 343, 1_200)
        },
        SpanView {
            note: "attempt 2".to_owned(),
            ..ended("Fetch history 2", Some("Support triage"), 1_200, 1_201)
        },
        SpanView {
            tokens: (1_204, 310),
            ..span("問い合わせに回答する", Some("Support triage"), 1_201 * MS)
        },
        SpanView {
            standing: Standing::Stopped,
            ..ended("Notify", Some("Support triage"), 1_201, 1_201)
        },
    ];
    spans.into_iter().for_each(|span| trace.update(span));
    trace
}

#[test]
fn a_running_trace_shows_state_duration_and_tokens_of_each_span() {
    let summary = summary(Standing::Running, "running");
    insta::assert_snapshot!(text(&live(&triage(), &summary, viewport(100, 40)), 100));
}

#[test]
fn a_narrow_terminal_keeps_what_matters_most() {
    let summary = summary(Standing::Running, "running");
    let pictures =
        [48, 30, 16].map(|width| text(&live(&triage(), &summary, viewport(width, 40)), width));
    insta::assert_snapshot!(pictures.join("\n----\n"));
}

#[test]
fn no_size_of_the_terminal_breaks_the_picture() {
    let trace = triage();
    for width in 1..130 {
        for height in 1..12 {
            let lines = live(
                &trace,
                &summary(Standing::Running, "running"),
                viewport(width, height),
            );
            assert!(lines.len() <= height.max(3), "{width}x{height}");
            assert!(
                lines
                    .iter()
                    .all(|line| line.width() <= width.saturating_sub(1).max(1)),
                "{width}x{height}"
            );
        }
    }
}

#[test]
fn a_trace_larger_than_the_terminal_says_how_much_is_not_shown() {
    let mut trace = Trace::default();
    trace.update(span("Import", None, 0));
    for item in 0..240 {
        let id = format!("Item {item:03}");
        trace.update(match item {
            200 => span(&id, Some("Import"), item * 10 * MS),
            _ => ended(&id, Some("Import"), item * 10, item * 10 + 5),
        });
    }
    let picture = live(
        &trace,
        &summary(Standing::Running, "running"),
        viewport(60, 10),
    );
    insta::assert_snapshot!(text(&picture, 60));
}

#[test]
fn a_tree_too_deep_to_indent_tells_its_depth() {
    let mut trace = Trace::default();
    for depth in 0..12 {
        let parent = (depth > 0).then(|| format!("Level {}", depth - 1));
        trace.update(ended(
            &format!("Level {depth}"),
            parent.as_deref(),
            depth,
            40 - depth,
        ));
    }
    let picture = whole(
        &trace,
        &summary(Standing::Succeeded, "succeeded"),
        viewport(50, 4),
    );
    insta::assert_snapshot!(text(&picture, 50));
}

#[test]
fn a_finished_run_shows_why_it_failed_and_what_it_made() {
    let mut trace = Trace::default();
    let message = "the server answered 503 Service Unavailable to GET http://127.0.0.1:9/history?customer=42, and so it did the other two times";
    let failed = |span: SpanView| SpanView {
        standing: Standing::Failed,
        error: Some(message.to_owned()),
        ..span
    };
    trace.update(failed(ended("Support triage", None, 0, 2_410)));
    trace.update(failed(ended(
        "Fetch history",
        Some("Support triage"),
        10,
        1_200,
    )));
    trace.update(ended("GET", Some("Fetch history"), 12, 1_100));
    trace.update(ended("Report", Some("Support triage"), 1_200, 2_400));
    let summary = Summary {
        artifacts: vec![ArtifactView {
            name: "report.md".to_owned(),
            media_type: "text/markdown".to_owned(),
            size_bytes: 2_100,
        }],
        ..summary(Standing::Failed, "failed")
    };
    insta::assert_snapshot!(text(&whole(&trace, &summary, viewport(64, 4)), 64));
}

#[test]
fn without_a_picture_each_change_is_a_line() {
    let trace = triage();
    let lines: Vec<Line> = trace.rows().iter().map(|row| news(row.span)).collect();
    insta::assert_snapshot!(text(&lines, 200));
}
