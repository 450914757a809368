//! Reads a page of documentation: its sections, the workflows in them, and what the page says of each.

use orcheo_engine::Workflow;
use serde_json::Value;

/// What is below one heading, up to the next.
#[derive(Debug, Default)]
pub(crate) struct Section<'p> {
    pub(crate) title: &'p str,
    level: usize,
    /// Without the fenced blocks.
    pub(crate) text: String,
    /// The text of the heading of the second level that this one stands under.
    pub(crate) chapter: String,
    pub(crate) examples: Vec<Example>,
}

/// What is to become of a workflow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `yaml`
    Succeeds,
    /// `yaml fails`: valid, but its run does not succeed.
    Fails,
    /// `yaml network`: valid; its run needs something outside.
    Network,
    /// `yaml refused`: not valid.
    Refused,
}

/// A workflow, and the blocks behind it: `json` is its outputs, `text trace` its trace, `text problems` what is wrong.
#[derive(Debug)]
pub(crate) struct Example {
    /// Where it begins, from 1.
    pub(crate) line: usize,
    pub(crate) kind: Kind,
    pub(crate) source: String,
    pub(crate) outputs: Option<Value>,
    pub(crate) trace: Option<String>,
    pub(crate) problems: Option<String>,
}

impl Example {
    pub(crate) fn definition(&self) -> Value {
        let workflow = Workflow::parse(&self.source, "example");
        workflow.unwrap().definition
    }
}

pub(crate) fn sections(page: &str) -> Vec<Section<'_>> {
    let mut sections = vec![Section::default()];
    let mut lines = page.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        if let Some(info) = line.strip_prefix("```") {
            let block = lines.by_ref().map(|(_, line)| line);
            let block: Vec<&str> = block.take_while(|line| *line != "```").collect();
            let text = block.join("\n") + "\n";
            sections.last_mut().unwrap().take(number + 1, info, text);
        } else if line.starts_with('#') {
            let title = line.trim_start_matches('#');
            let level = line.len() - title.len();
            let above = sections.last().unwrap();
            let chapter = match (level, above.level) {
                (..=2, _) => String::new(),
                (_, 2) => above.text.clone(),
                _ => above.chapter.clone(),
            };
            sections.push(Section {
                title: title.trim(),
                level,
                chapter,
                ..Section::default()
            });
        } else {
            let text = &mut sections.last_mut().unwrap().text;
            text.push_str(line);
            text.push('\n');
        }
    }
    sections
}

impl Section<'_> {
    /// Its own lines, and those of the chapter it stands in.
    pub(crate) fn lines(&self) -> impl Iterator<Item = &str> {
        self.text.lines().chain(self.chapter.lines())
    }

    fn take(&mut self, line: usize, info: &str, text: String) {
        let kind = match info {
            "yaml" => Kind::Succeeds,
            "yaml fails" => Kind::Fails,
            "yaml network" => Kind::Network,
            "yaml refused" => Kind::Refused,
            about => return self.tell(line, about, text),
        };
        self.examples.push(Example {
            line,
            kind,
            source: text,
            outputs: None,
            trace: None,
            problems: None,
        });
    }

    /// Says something of the example before.
    fn tell(&mut self, line: usize, about: &str, text: String) {
        let example = self.examples.last_mut();
        let example = example.unwrap_or_else(|| panic!("line {line}: there is no example before"));
        match about {
            "json" => example.outputs = Some(serde_json::from_str(&text).unwrap()),
            "text trace" => example.trace = Some(text),
            "text problems" => example.problems = Some(text),
            "sh" => {}
            _ => panic!("line {line}: a block is of no use as `{about}`"),
        }
    }
}
