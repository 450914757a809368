//! REST beside GraphQL: for scripts, links, downloads and `EventSource`.

mod artifacts;
mod bodies;
mod executions;
mod trace;
mod trace_events;
mod trace_otlp;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::http::Server;

/// The resources, each described where it is handled.
pub(crate) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new()
        .routes(routes!(executions::list))
        .routes(routes!(executions::start))
        .routes(routes!(executions::get, executions::delete))
        .routes(routes!(executions::cancel))
        .routes(routes!(trace::get))
        .routes(routes!(trace_events::get))
        .routes(routes!(trace_otlp::get))
        .routes(routes!(artifacts::download))
        .routes(routes!(artifacts::preview))
}
