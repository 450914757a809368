//! YAML by its parser's events, so that depth and size are bounded before anything is built.

use std::collections::HashMap;

use indexmap::IndexMap;
use saphyr::Scalar;
use saphyr_parser::{Event, Marker, Parser, StrInput};
use serde_json::{Map, Number, Value};

use super::{At, DocPath, Document, MAX_DEPTH, MAX_VALUES, Parts, Place, Position, Step, problem};
use crate::workflow::{Problem, Problems};

pub(super) fn parse(source: &str) -> Result<Document<'_>, Problems> {
    let mut builder = Builder::default();
    let mut parser = Parser::new_from_str(source);
    match builder.document(&mut parser) {
        Ok((value, places)) if builder.problems.is_empty() => Ok(Document {
            value,
            source,
            places,
        }),
        Ok(_) => Err(Problems(builder.problems)),
        // What was found before the text became unreadable stands.
        Err(fatal) => {
            builder.problems.push(fatal);
            Err(Problems(builder.problems))
        }
    }
}

/// A finished value, its places, and how many values it is made of.
#[derive(Clone)]
struct Built {
    value: Value,
    place: Place,
    size: usize,
}

/// A collection that is still open.
struct Open {
    anchor: usize,
    at: Position,
    size: usize,
    collection: Collection,
}

enum Collection {
    Sequence {
        items: Vec<Value>,
        places: Vec<Place>,
    },
    Mapping {
        entries: Map<String, Value>,
        places: IndexMap<String, (At, Place)>,
        key: Option<(String, Position)>,
    },
}

#[derive(Default)]
struct Builder {
    problems: Vec<Problem>,
    anchors: HashMap<usize, Built>,
    path: DocPath,
    values: usize,
}

type Events<'s> = Parser<'s, StrInput<'s>>;

impl Builder {
    fn document(&mut self, parser: &mut Events<'_>) -> Result<(Value, Place), Problem> {
        let mut open: Vec<Open> = Vec::new();
        let mut root = None;
        while let Some(event) = parser.next_event() {
            let (event, span) = event.map_err(|error| {
                problem(
                    &self.path,
                    position(error.marker()),
                    format!("this is not YAML: {}", error.info()),
                )
            })?;
            let at = position(&span.start);
            let built = match event {
                Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {
                    continue;
                }
                Event::DocumentStart(_) if root.is_some() => {
                    return Err(problem(
                        &self.path,
                        at,
                        "a file holds one workflow, this begins another document",
                    ));
                }
                Event::DocumentStart(_) => continue,
                Event::SequenceStart(anchor, _) => {
                    let collection = Collection::Sequence {
                        items: Vec::new(),
                        places: Vec::new(),
                    };
                    self.open(
                        &mut open,
                        Open {
                            anchor,
                            at,
                            size: 1,
                            collection,
                        },
                    )?;
                    continue;
                }
                Event::MappingStart(anchor, _) => {
                    let collection = Collection::Mapping {
                        entries: Map::new(),
                        places: IndexMap::new(),
                        key: None,
                    };
                    self.open(
                        &mut open,
                        Open {
                            anchor,
                            at,
                            size: 1,
                            collection,
                        },
                    )?;
                    continue;
                }
                Event::SequenceEnd | Event::MappingEnd => {
                    let Some(closed) = open.pop() else { continue };
                    if !open.is_empty() {
                        self.path.pop();
                    }
                    let anchor = closed.anchor;
                    let built = closed.close();
                    self.anchor(anchor, &built, at)?;
                    built
                }
                Event::Scalar(text, style, anchor, tag) => {
                    self.count(1, at)?;
                    let Some(scalar) =
                        Scalar::parse_from_cow_and_metadata(text, style, tag.as_ref())
                    else {
                        return Err(problem(&self.path, at, "the value does not fit its tag"));
                    };
                    let built = Built {
                        value: self.scalar(scalar, at),
                        place: Place {
                            at: At::Position(at),
                            parts: Parts::None,
                        },
                        size: 1,
                    };
                    self.anchor(anchor, &built, at)?;
                    built
                }
                Event::Alias(anchor) => {
                    let Some(anchored) = self.anchors.get(&anchor) else {
                        return Err(problem(
                            &self.path,
                            at,
                            "the alias stands inside of what it names",
                        ));
                    };
                    let size = anchored.size;
                    self.count(size, at)?;
                    self.anchors[&anchor].clone()
                }
            };
            match open.last_mut() {
                Some(parent) => self.add(parent, built, at)?,
                None => root = Some((built.value, built.place)),
            }
        }
        root.ok_or_else(|| problem(&self.path, Position::START, "the document is empty"))
    }

    fn open(&mut self, open: &mut Vec<Open>, new: Open) -> Result<(), Problem> {
        self.count(1, new.at)?;
        if open.len() >= MAX_DEPTH {
            let message = format!("more than {MAX_DEPTH} values inside of each other");
            return Err(problem(&DocPath::root(), new.at, message));
        }
        match open.last().map(|parent| &parent.collection) {
            None => {}
            Some(Collection::Sequence { items, .. }) => self.path.push(Step::Index(items.len())),
            Some(Collection::Mapping {
                key: Some((key, _)),
                ..
            }) => self.path.push(Step::Key(key.clone())),
            Some(Collection::Mapping { key: None, .. }) => {
                return Err(problem(&self.path, new.at, "a key must be text"));
            }
        }
        open.push(new);
        Ok(())
    }

    fn add(&mut self, parent: &mut Open, built: Built, at: Position) -> Result<(), Problem> {
        parent.size += built.size;
        match &mut parent.collection {
            Collection::Sequence { items, places } => {
                items.push(built.value);
                places.push(built.place);
            }
            Collection::Mapping {
                entries,
                places,
                key,
            } => match key.take() {
                Some((name, key_at)) => {
                    places.insert(name.clone(), (At::Position(key_at), built.place));
                    entries.insert(name, built.value);
                }
                None => {
                    let name = match built.value {
                        Value::String(text) => text,
                        other => other.to_string(),
                    };
                    if entries.contains_key(&name) {
                        self.problems.push(problem(
                            &self.path,
                            at,
                            format!("`{name}` is given twice"),
                        ));
                    }
                    *key = Some((name, at));
                }
            },
        }
        Ok(())
    }

    fn scalar(&mut self, scalar: Scalar<'_>, at: Position) -> Value {
        match scalar {
            Scalar::Null => Value::Null,
            Scalar::Boolean(value) => Value::Bool(value),
            Scalar::Integer(value) => Value::from(value),
            Scalar::String(text) => Value::String(text.into_owned()),
            Scalar::FloatingPoint(value) => Number::from_f64(*value)
                .map(Value::Number)
                .unwrap_or_else(|| {
                    self.problems.push(problem(
                        &self.path,
                        at,
                        "infinity and not-a-number are not values of a workflow",
                    ));
                    Value::Null
                }),
        }
    }

    fn anchor(&mut self, anchor: usize, built: &Built, at: Position) -> Result<(), Problem> {
        if anchor != 0 {
            self.count(built.size, at)?;
            self.anchors.insert(anchor, built.clone());
        }
        Ok(())
    }

    fn count(&mut self, values: usize, at: Position) -> Result<(), Problem> {
        self.values += values;
        if self.values > MAX_VALUES {
            return Err(problem(
                &self.path,
                at,
                format!("the document has more than {MAX_VALUES} values"),
            ));
        }
        Ok(())
    }
}

impl Open {
    fn close(self) -> Built {
        let (value, parts) = match self.collection {
            Collection::Sequence { items, places } => (Value::Array(items), Parts::Items(places)),
            Collection::Mapping {
                entries, places, ..
            } => (Value::Object(entries), Parts::Entries(places)),
        };
        Built {
            value,
            place: Place {
                at: At::Position(self.at),
                parts,
            },
            size: self.size,
        }
    }
}

fn position(marker: &Marker) -> Position {
    Position::new(marker.line(), marker.col() + 1)
}
