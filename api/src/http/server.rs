//! What the handlers share.

use std::{net::Ipv4Addr, sync::Arc};

use axum::extract::FromRef;
use metrics_exporter_prometheus::PrometheusHandle;
use orcheo_telemetry::otlp::{OtlpLimits, OtlpReceiver};
use tokio_util::sync::CancellationToken;

use super::{Auth, Origins, SocketSettings};
use crate::{
    graphql::{
        Executor,
        subscription::{Feeds, LiveSettings},
    },
    state::ApiState,
};

/// How the API meets the network. The defaults are those of a server on loopback that asks for no token and keeps no metrics.
#[derive(Debug, Clone)]
pub struct HttpSettings {
    /// Whom requests come from.
    pub auth: Auth,
    /// Whose pages may speak to this server.
    pub origins: Origins,
    /// How sockets behave.
    pub socket: SocketSettings,
    /// How live feeds behave.
    pub live: LiveSettings,
    /// What `/metrics` shows: the handle of the process's recorder.
    pub metrics: Option<PrometheusHandle>,
    /// What is taken in by OTLP.
    pub otlp: OtlpLimits,
    /// Cancelled when the process stops: sockets and streams end then.
    pub shutdown: CancellationToken,
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self {
            auth: Auth::new(None),
            origins: Origins::new(Ipv4Addr::LOCALHOST.into(), [], []),
            socket: SocketSettings::default(),
            live: LiveSettings::default(),
            metrics: None,
            otlp: OtlpLimits::default(),
            shutdown: CancellationToken::new(),
        }
    }
}

/// What the handlers share. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Server(Arc<Parts>);

pub(crate) struct Parts {
    pub(crate) state: ApiState,
    pub(crate) executor: Executor,
    pub(crate) feeds: Feeds,
    pub(crate) otlp: OtlpReceiver,
    pub(crate) settings: HttpSettings,
}

impl Server {
    /// Starts the feeds; must be called within a runtime.
    pub(crate) fn new(state: ApiState, settings: HttpSettings) -> Self {
        let executor = Executor::new(state.clone());
        let feeds = Feeds::new(state.clone(), executor.clone(), settings.live.clone());
        let otlp = OtlpReceiver::new(
            state.store.clone(),
            state.redactor.clone(),
            state.prices.clone(),
            settings.otlp,
        );
        Self(Arc::new(Parts {
            state,
            executor,
            feeds,
            otlp,
            settings,
        }))
    }
}

impl std::ops::Deref for Server {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl FromRef<Server> for Auth {
    fn from_ref(server: &Server) -> Self {
        server.settings.auth.clone()
    }
}
