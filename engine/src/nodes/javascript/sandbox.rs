//! One script in one QuickJS runtime of its own, on the calling thread.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rquickjs::function::Rest;
use rquickjs::{
    CatchResultExt, CaughtError, Coerced, Context, Ctx, Function, Object, Promise, Runtime,
};
use serde_json::{Map, Value};

use crate::error::{NodeError, codes};

/// Deep recursion in a script becomes an exception before it becomes a crash of ours: a blocking thread has 2 MiB.
const STACK_BYTES: usize = 512 << 10;
/// More than anybody reads in a trace.
const MAX_CONSOLE_LINES: usize = 500;
const MAX_CONSOLE_CHARS: usize = 4096;

/// A script and what bounds it.
pub(super) struct Script {
    pub(super) source: String,
    pub(super) context: Map<String, Value>,
    pub(super) result_variable: String,
    pub(super) time_limit: Duration,
    pub(super) memory_limit_bytes: usize,
    /// Set from outside when nobody waits for the result any more.
    pub(super) stop: Arc<AtomicBool>,
    /// Told of each line at the moment it is written.
    pub(super) on_line: Box<dyn Fn(&ConsoleLine) + Send>,
}

/// What a script wrote to its console.
pub(super) struct ConsoleLine {
    pub(super) level: &'static str,
    pub(super) text: String,
}

type Console = Rc<RefCell<Vec<ConsoleLine>>>;

impl Script {
    /// The result as JSON and what was written to the console.
    pub(super) fn run(self) -> Result<(Value, Vec<ConsoleLine>), NodeError> {
        let broken =
            |error: rquickjs::Error| failed(format!("the sandbox could not be set up: {error}"));
        let runtime = Runtime::new().map_err(broken)?;
        runtime.set_memory_limit(self.memory_limit_bytes);
        runtime.set_max_stack_size(STACK_BYTES);
        let deadline = Instant::now() + self.time_limit;
        let stop = Arc::clone(&self.stop);
        runtime.set_interrupt_handler(Some(Box::new(move || {
            stop.load(Ordering::Relaxed) || Instant::now() >= deadline
        })));
        let context = Context::full(&runtime).map_err(broken)?;
        let time_limit = self.time_limit;
        let lines = Console::default();
        let console = Rc::clone(&lines);
        let result = context.with(|ctx| {
            let result = self.evaluate(&ctx, console).catch(&ctx);
            result.map_err(|error| match explain(&error) {
                // Both limits are exceptions no script can catch; only the clock tells the one from any other.
                _ if Instant::now() >= deadline => NodeError::new(
                    codes::TIMEOUT,
                    format!(
                        "the script took longer than its time_limit of {} s",
                        time_limit.as_secs_f64()
                    ),
                ),
                problem => failed(problem),
            })
        })?;
        let json = match result {
            Some(text) => serde_json::from_str(&text)
                .map_err(|error| failed(format!("the result is not JSON: {error}")))?,
            None => Value::Null,
        };
        Ok((json, lines.take()))
    }

    /// The result as JSON text; `None` for what JSON has no word for.
    fn evaluate<'js>(self, ctx: &Ctx<'js>, console: Console) -> rquickjs::Result<Option<String>> {
        let globals = ctx.globals();
        globals.set("console", console_object(ctx, &console, self.on_line)?)?;
        for (name, value) in &self.context {
            globals.set(name.as_str(), ctx.json_parse(value.to_string())?)?;
        }
        let last: rquickjs::Value<'js> = ctx.eval(self.source)?;
        while ctx.execute_pending_job() {}
        let name = &self.result_variable;
        let is_name = name
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '$'));
        let named: rquickjs::Value<'js> = if is_name && !name.is_empty() {
            ctx.eval(format!(
                "typeof {name} === 'undefined' ? undefined : {name}"
            ))?
        } else {
            globals.get(name.as_str())?
        };
        let result = settled(if named.is_undefined() { last } else { named })?;
        ctx.json_stringify(result)?
            .map(|text| text.to_string())
            .transpose()
    }
}

/// The value of a promise that has settled; anything else is itself.
fn settled(value: rquickjs::Value<'_>) -> rquickjs::Result<rquickjs::Value<'_>> {
    match value.clone().into_promise() {
        Some(promise) => Promise::finish(&promise),
        None => Ok(value),
    }
}

fn console_object<'js>(
    ctx: &Ctx<'js>,
    lines: &Console,
    on_line: Box<dyn Fn(&ConsoleLine) + Send>,
) -> rquickjs::Result<Object<'js>> {
    let console = Object::new(ctx.clone())?;
    let on_line = Rc::new(on_line);
    for level in ["log", "debug", "info", "warn", "error"] {
        let (lines, on_line) = (Rc::clone(lines), Rc::clone(&on_line));
        let write =
            move |ctx: Ctx<'js>, values: Rest<rquickjs::Value<'js>>| -> rquickjs::Result<()> {
                if lines.borrow().len() >= MAX_CONSOLE_LINES {
                    return Ok(());
                }
                let shown: Result<Vec<String>, _> = values
                    .0
                    .into_iter()
                    .map(|value| show(&ctx, value))
                    .collect();
                let text = shown?.join(" ").chars().take(MAX_CONSOLE_CHARS).collect();
                let line = ConsoleLine { level, text };
                on_line(&line);
                lines.borrow_mut().push(line);
                Ok(())
            };
        console.set(level, Function::new(ctx.clone(), write)?)?;
    }
    Ok(console)
}

/// Objects as JSON, where JavaScript's own conversion would say `[object Object]`.
fn show<'js>(ctx: &Ctx<'js>, value: rquickjs::Value<'js>) -> rquickjs::Result<String> {
    if value.is_object()
        && !value.is_function()
        && !value.is_error()
        && let Some(json) = ctx.json_stringify(value.clone())?
    {
        return json.to_string();
    }
    Ok(value.get::<Coerced<String>>()?.0)
}

fn failed(problem: String) -> NodeError {
    NodeError::new("SCRIPT_FAILED", problem).retryable()
}

fn explain(error: &CaughtError<'_>) -> String {
    match error {
        CaughtError::Exception(exception) => {
            let name: String = exception.as_object().get("name").unwrap_or_default();
            let message = exception.message().unwrap_or_default();
            let place = exception
                .stack()
                .and_then(|stack| stack.lines().next().map(|line| line.trim().to_owned()));
            match place {
                Some(place) if !place.is_empty() => format!("{name}: {message} ({place})"),
                _ => format!("{name}: {message}"),
            }
        }
        CaughtError::Value(value) => {
            let shown = value
                .get::<Coerced<String>>()
                .map(|text| text.0)
                .unwrap_or_default();
            format!("the script threw {shown}")
        }
        CaughtError::Error(error) => error.to_string(),
    }
}
