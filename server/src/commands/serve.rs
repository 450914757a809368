//! `serve`: the API and the web client, with a worker beside them.

use std::io::{self, Write as _};
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use orcheo_api::actions::{self, Start};
use orcheo_api::http::{Auth, Origins};
use orcheo_api::otlp::{self, GrpcSettings};
use orcheo_api::{ApiState, HttpSettings};
use orcheo_store::models::executions::Execution;
use orcheo_telemetry::otlp::{OtlpLimits, OtlpReceiver};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::backend::Backend;
use crate::cli::ServeOptions;
use crate::config::{Listen, Settings};
use crate::data_dir::DataDir;
use crate::instance::InstanceLock;
use crate::listen::{self, answer, reachable};
use crate::maintenance::Maintenance;
use crate::observability::Observability;
use crate::signals::stop_on_signal;
use crate::worker::Worker;
use crate::workflow_files;

/// Requests under way get so long to be answered once the program was told to stop.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);

pub(crate) async fn run(
    settings: &Settings,
    options: ServeOptions,
    observability: &Observability,
) -> anyhow::Result<ExitCode> {
    settings.check_exposure()?;
    // A database of one's own may be served by many; the private one by the one that everybody else joins.
    let mut lock = match settings.database_url {
        Some(_) => None,
        None => Some(InstanceLock::acquire(&DataDir::open(&settings.data_dir)?)?),
    };
    let workflows = match &options.workflows {
        Some(directory) => read_workflows(directory)?,
        None => Vec::new(),
    };
    let listener = listen::bind(settings.listen, "--listen")?;
    let grpc = listen_for_grpc(settings)?;
    let backend = Backend::open_for_runs(settings, observability).await?;
    let service = Service {
        settings,
        options,
        observability,
        backend: &backend,
        workflows,
    };
    let served = service.serve(listener, grpc, lock.as_mut()).await;
    backend.close().await;
    served.map(|()| ExitCode::SUCCESS)
}

/// The socket of OTLP/gRPC. The standard's port may well be a collector's: where nobody asked for it, its absence is no error.
fn listen_for_grpc(settings: &Settings) -> anyhow::Result<Option<TcpListener>> {
    const FLAG: &str = "--otlp-grpc-listen";
    const STANDARD_PORT: u16 = 4317;
    if let Some(address) = settings.otlp_grpc_listen {
        return Ok(Some(listen::bind(address, FLAG)?));
    }
    Ok(listen::bind(Listen::loopback(STANDARD_PORT), FLAG)
        .inspect_err(|error| tracing::warn!(%error, "OTLP/gRPC is not received"))
        .ok())
}

/// Every workflow file of a directory; the first invalid one is the error.
fn read_workflows(directory: &Path) -> anyhow::Result<Vec<orcheo_engine::Workflow>> {
    let files = workflow_files::files(directory)
        .with_context(|| format!("--workflows {}", directory.display()))?;
    let workflows = files.iter().map(|file| workflow_files::read(file));
    Ok(workflows.collect::<Result<_, _>>()?)
}

struct Service<'a> {
    settings: &'a Settings,
    options: ServeOptions,
    observability: &'a Observability,
    backend: &'a Backend,
    workflows: Vec<orcheo_engine::Workflow>,
}

impl Service<'_> {
    /// Serves until told to stop, and until nothing runs any more.
    async fn serve(
        self,
        listener: TcpListener,
        grpc: Option<TcpListener>,
        lock: Option<&mut InstanceLock>,
    ) -> anyhow::Result<()> {
        self.backend.migrate(self.settings).await?;
        for workflow in &self.workflows {
            workflow_files::save(&self.backend.store, workflow).await?;
        }
        let address = listener.local_addr()?;
        let url = format!("http://{}", reachable(address));
        if let Some(lock) = lock {
            lock.announce(&url)?;
        }
        let stop = CancellationToken::new();
        stop_on_signal(stop.clone())?;
        let metrics = self.observability.prometheus.clone();
        let state = self.backend.api_state(self.settings, self.observability)?;
        let router = orcheo_api::router(
            state.clone(),
            self.http(address.ip(), metrics.clone(), stop.clone()),
        );
        let grpc_address = grpc.as_ref().map(TcpListener::local_addr).transpose()?;
        let receiving = self.receive(grpc, &state, stop.clone());
        let answering = answer(listener, router, stop.clone());
        let mut answering = tokio::spawn(async { tokio::join!(answering, receiving) });
        let maintenance = Maintenance {
            store: self.backend.store.clone(),
            metrics,
            quiet: Some(self.settings.quiet()),
        };
        let upkeep = tokio::spawn(maintenance.run(stop.clone()));
        let working = match self.options.no_worker {
            true => None,
            false => {
                let runner = self
                    .backend
                    .runner(self.settings, self.observability, None)?;
                Some(tokio::spawn(
                    Worker::new(runner, self.settings).work(stop.clone()),
                ))
            }
        };
        let started = match &self.options.start {
            Some(workflow_id) => start(&state, workflow_id).await.map(Some),
            None => Ok(None),
        };
        match &started {
            Ok(started) => self
                .announce(&url, grpc_address, started.as_ref())
                .unwrap_or_else(|error| {
                    tracing::warn!(%error, "could not print where everything is");
                }),
            Err(_) => stop.cancel(),
        }
        stop.cancelled().await;
        if timeout(ANSWER_WITHIN, &mut answering).await.is_err() {
            answering.abort();
            tracing::warn!("not every request was answered");
        }
        if let Some(working) = working {
            working.await?;
        }
        upkeep.await?;
        started.map(drop)
    }

    /// Receives OTLP/gRPC until told to stop, if there is a socket for it.
    fn receive(
        &self,
        listener: Option<TcpListener>,
        state: &ApiState,
        stop: CancellationToken,
    ) -> impl Future<Output = ()> + use<> {
        let settings = GrpcSettings {
            auth: self.auth(),
            receiver: OtlpReceiver::new(
                state.store.clone(),
                state.redactor.clone(),
                state.prices.clone(),
                self.otlp(),
            ),
        };
        async move {
            let Some(listener) = listener else { return };
            let served = async {
                let listener = tokio::net::TcpListener::from_std(listener)?;
                anyhow::Ok(otlp::serve_grpc(listener, settings, stop).await?)
            };
            if let Err(error) = served.await {
                tracing::error!(%error, "OTLP/gRPC is no longer received");
            }
        }
    }

    fn otlp(&self) -> OtlpLimits {
        OtlpLimits {
            content: self.settings.capture_received_content,
            ..OtlpLimits::default()
        }
    }

    fn auth(&self) -> Auth {
        Auth::new(self.settings.token.as_ref().map(|token| token.expose()))
    }

    fn http(
        &self,
        address: IpAddr,
        metrics: metrics_exporter_prometheus::PrometheusHandle,
        stop: CancellationToken,
    ) -> HttpSettings {
        let settings = self.settings;
        HttpSettings {
            auth: self.auth(),
            origins: Origins::new(
                address,
                settings.allowed_hosts.clone(),
                settings.allowed_origins.clone(),
            ),
            metrics: Some(metrics),
            otlp: self.otlp(),
            shutdown: stop,
            ..HttpSettings::default()
        }
    }

    /// Tells a person where everything is. The first line of standard output that has an address is the web client's.
    fn announce(
        &self,
        url: &str,
        grpc: Option<SocketAddr>,
        started: Option<&Execution>,
    ) -> io::Result<()> {
        let mut out = io::stdout().lock();
        let mut line = |what: &str, value: &str| writeln!(out, "  {what:<12} {value}");
        line("web client", &format!("{url}/"))?;
        line("GraphiQL", &format!("{url}/graphiql"))?;
        line("GraphQL", &format!("{url}/graphql"))?;
        line("REST", &format!("{url}/api/openapi.json"))?;
        line("OTLP/HTTP", &format!("{url}/v1/traces"))?;
        if let Some(address) = grpc {
            line("OTLP/gRPC", &format!("http://{}", reachable(address)))?;
        }
        if let Some(directory) = &self.options.workflows {
            line(
                "workflows",
                &format!(
                    "{} saved from {}",
                    self.workflows.len(),
                    directory.display()
                ),
            )?;
        }
        if let Some(started) = started {
            line("trace", &format!("{url}/traces/{}", started.trace_id))?;
        }
        if self.settings.token.is_some() {
            line("access", "with the token")?;
        }
        writeln!(out, "Press Ctrl-C to stop.")?;
        out.flush()
    }
}

async fn start(state: &ApiState, workflow_id: &str) -> anyhow::Result<Execution> {
    let start = Start {
        workflow_id: workflow_id.to_owned(),
        ..Start::default()
    };
    actions::start_execution(state, start)
        .await
        .map_err(|error| anyhow::anyhow!("--start {workflow_id}: {error}"))
}
