//! `/healthz`, `/readyz` and `/metrics`: of the whole API, or by themselves for a process that serves nothing else.

use axum::{
    Router,
    extract::{FromRef, State},
    http::header,
    response::{IntoResponse, Response},
    routing::get,
};
use diesel::{IntoSql, sql_types::Integer};
use diesel_async::RunQueryDsl;
use metrics_exporter_prometheus::PrometheusHandle;
use orcheo_store::Store;
use tokio_util::sync::CancellationToken;

use super::server::Server;
use crate::error::{ApiError, ErrorCode, Problem};

/// How a process tells how it is. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Health {
    /// Whose database and queues it tells of.
    pub store: Store,
    /// What `/metrics` shows: the handle of the process's recorder.
    pub metrics: Option<PrometheusHandle>,
    /// Cancelled when the process stops.
    pub shutdown: CancellationToken,
}

impl Health {
    /// `/healthz`, `/readyz` and `/metrics`, which ask for no token, and nothing else.
    pub fn router(self) -> Router {
        describe();
        Router::new()
            .route("/healthz", get(live))
            .route("/readyz", get(ready))
            .route("/metrics", get(metrics))
            .fallback(async || ApiError::not_found("such resource"))
            .with_state(self)
    }
}

impl FromRef<Server> for Health {
    fn from_ref(server: &Server) -> Self {
        Self {
            store: server.state.store.clone(),
            metrics: server.settings.metrics.clone(),
            shutdown: server.settings.shutdown.clone(),
        }
    }
}

/// Liveness: the process answers.
#[utoipa::path(get, path = "/healthz", tag = "operation", security(()), responses(
    (status = 200, description = "The process answers", content_type = "text/plain", body = String),
))]
pub(crate) async fn live() -> &'static str {
    "ok\n"
}

/// Readiness: the database answers, and the process is not stopping.
#[utoipa::path(get, path = "/readyz", tag = "operation", security(()), responses(
    (status = 200, description = "Requests can be served", content_type = "text/plain", body = String),
    (status = 503, description = "Not now", content_type = "application/problem+json", body = Problem),
))]
pub(crate) async fn ready(State(health): State<Health>) -> Result<&'static str, ApiError> {
    if health.shutdown.is_cancelled() {
        return Err(ApiError::new(
            ErrorCode::Unavailable,
            "the server is stopping",
        ));
    }
    let mut connection = health.store.read().await?;
    let one: i32 = diesel::select(1.into_sql::<Integer>())
        .get_result(&mut connection)
        .await?;
    debug_assert_eq!(one, 1);
    Ok("ready\n")
}

/// Metrics in the text format of Prometheus.
#[utoipa::path(get, path = "/metrics", tag = "operation", responses(
    (status = 200, description = "Metrics in the text format of Prometheus", content_type = "text/plain", body = String),
    (status = 404, description = "This process keeps none", content_type = "application/problem+json", body = Problem),
))]
pub(crate) async fn metrics(State(health): State<Health>) -> Response {
    let Some(recorded) = &health.metrics else {
        return ApiError::not_found("metrics recorder in this process").into_response();
    };
    sample(&health.store);
    let media_type = "text/plain; version=0.0.4; charset=utf-8";
    ([(header::CONTENT_TYPE, media_type)], recorded.render()).into_response()
}

/// Sets the gauges that nobody keeps up to date in between.
#[expect(
    clippy::cast_precision_loss,
    reason = "counts of connections and queued items are far below 2^53"
)]
fn sample(store: &Store) {
    let (reading, writing) = store.pools();
    for (pool, status) in [("read", reading), ("write", writing)] {
        metrics::gauge!("database_connections_in_use", "pool" => pool).set(status.in_use as f64);
        metrics::gauge!("database_connections_waited_for", "pool" => pool)
            .set(status.waiting as f64);
        metrics::gauge!("database_connections_max", "pool" => pool).set(status.max as f64);
    }
    let (items, bytes) = store.writer().backlog();
    metrics::gauge!("writer_queue_items").set(items as f64);
    metrics::gauge!("writer_queue_bytes").set(bytes as f64);
}

/// Describes the metrics of this crate to the recorder that is installed.
pub(crate) fn describe() {
    use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};
    describe_counter!("http_requests_total", "Requests answered.");
    describe_histogram!(
        "http_request_duration_seconds",
        Unit::Seconds,
        "Time until the answer began."
    );
    describe_counter!(
        "graphql_operations_total",
        "Queries and mutations, and what became of them."
    );
    describe_counter!(
        "graphql_evaluations_total",
        "Messages made for subscribers; equal ones are made once."
    );
    describe_gauge!("graphql_sockets", "WebSocket connections.");
    describe_gauge!("graphql_subscriptions", "Subscriptions that are followed.");
    describe_gauge!("trace_tails", "Executions that are watched.");
    describe_histogram!(
        "trace_tail_lag_seconds",
        Unit::Seconds,
        "From the commit to its read for subscribers."
    );
    describe_gauge!("database_connections_in_use", "Connections lent by a pool.");
    describe_gauge!(
        "database_connections_waited_for",
        "Callers that wait for a connection."
    );
    describe_gauge!(
        "database_connections_max",
        "Connections that a pool may have."
    );
    describe_gauge!("writer_queue_items", "Items that wait to be written.");
    describe_gauge!(
        "writer_queue_bytes",
        Unit::Bytes,
        "Bytes that wait to be written."
    );
}
