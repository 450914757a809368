//! Export over TLS: to a collector whose certificate is of an authority of its own, and which asks for ours.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use opentelemetry::trace::TraceContextExt as _;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tempfile::TempDir;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

use orcheo_telemetry::{ExportSettings, Redactor, program_provider};

use crate::collector::Collector;
use crate::export::exporting;
use crate::traced::Traced;

/// An authority, and the files of a client that it knows.
struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    files: TempDir,
}

impl Authority {
    fn new() -> Self {
        let mut authority = CertificateParams::new([]).unwrap();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
        let files = tempfile::tempdir().unwrap();
        std::fs::write(files.path().join("ca.pem"), issuer.pem()).unwrap();
        let this = Self { issuer, files };
        let (certificate, key) = this.certificate("worker");
        std::fs::write(this.file("client.pem"), pem("CERTIFICATE", &certificate)).unwrap();
        std::fs::write(this.file("client.key"), key.serialize_pem()).unwrap();
        this
    }

    fn certificate(&self, name: &str) -> (CertificateDer<'static>, KeyPair) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new([name.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        (certificate.der().clone(), key)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.files.path().join(name)
    }

    /// The address of a front that speaks TLS before `collector`, with whoever shows a certificate of this authority.
    async fn front(&self, collector: SocketAddr) -> SocketAddr {
        let mut roots = RootCertStore::empty();
        roots.add(self.issuer.der().clone()).unwrap();
        let provider = Arc::new(aws_lc_rs::default_provider());
        let clients =
            WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
                .build()
                .unwrap();
        let (certificate, key) = self.certificate("localhost");
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_client_cert_verifier(clients)
            .with_single_cert(
                vec![certificate],
                PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
            )
            .unwrap();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    let mut client = acceptor.accept(client).await.ok()?;
                    let mut server = TcpStream::connect(collector).await.ok()?;
                    copy_bidirectional(&mut client, &mut server).await.ok()
                });
            }
        });
        address
    }

    /// Settings as these variables, after `OTEL_EXPORTER_OTLP_`, give them.
    fn settings(
        &self,
        protocol: &str,
        front: SocketAddr,
        files: &[(&str, &str)],
    ) -> ExportSettings {
        let variable = |name: &str| match name.strip_prefix("OTEL_EXPORTER_OTLP_")? {
            "ENDPOINT" => Some(format!("https://localhost:{}", front.port())),
            "PROTOCOL" => Some(protocol.to_owned()),
            name => files
                .iter()
                .find(|(variable, _)| *variable == name)
                .map(|(_, file)| self.file(file).display().to_string()),
        };
        ExportSettings::traces_from(variable).unwrap().unwrap()
    }
}

fn pem(kind: &str, der: &[u8]) -> String {
    use base64::Engine as _;
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    let lines: Vec<&str> = text
        .as_bytes()
        .chunks(64)
        .filter_map(|line| std::str::from_utf8(line).ok())
        .collect();
    format!(
        "-----BEGIN {kind}-----\n{}\n-----END {kind}-----\n",
        lines.join("\n")
    )
}

const FILES: [(&str, &str); 3] = [
    ("CERTIFICATE", "ca.pem"),
    ("CLIENT_CERTIFICATE", "client.pem"),
    ("CLIENT_KEY", "client.key"),
];

/// How many spans arrive when one is exported.
async fn arrived(mut collector: Collector, settings: ExportSettings) -> usize {
    let traced = Traced::with(exporting(settings)).await;
    traced.root("root", Vec::new()).span().end();
    traced.telemetry.shutdown().await;
    collector.spans().len()
}

#[tokio::test]
async fn a_collector_of_one_s_own_authority_is_trusted_and_shown_a_certificate() {
    let authority = Authority::new();
    for protocol in ["grpc", "http/protobuf"] {
        for (files, expected) in [(&FILES[..], 1), (&FILES[1..], 0), (&FILES[..1], 0)] {
            let collector = match protocol {
                "grpc" => Collector::grpc().await,
                _ => Collector::http().await,
            };
            let front = authority.front(collector.address).await;
            let settings = authority.settings(protocol, front, files);
            assert_eq!(
                arrived(collector, settings).await,
                expected,
                "{protocol} {files:?}"
            );
        }
    }
}

#[tokio::test]
async fn files_that_cannot_be_used_are_named_at_once() {
    let authority = Authority::new();
    let address = ([127, 0, 0, 1], 1).into();
    let refused = |protocol: &str, files: &[(&str, &str)]| {
        let settings = authority.settings(protocol, address, files);
        let provider = program_provider(Redactor::new(), &settings, crate::export::resource());
        provider.expect_err("it is unusable").to_string()
    };
    let shown = |file: &str| authority.file(file).display().to_string();
    for protocol in ["grpc", "http/protobuf"] {
        assert_eq!(
            refused(protocol, &[("CERTIFICATE", "none.pem")]),
            format!(
                "OTEL_EXPORTER_OTLP_CERTIFICATE: {}: No such file or directory (os error 2)",
                shown("none.pem")
            )
        );
        assert_eq!(
            refused(protocol, &[("CERTIFICATE", "client.key")]),
            format!(
                "OTEL_EXPORTER_OTLP_CERTIFICATE: {}: there is no certificate in PEM form in it",
                shown("client.key")
            )
        );
        let swapped = [
            ("CLIENT_CERTIFICATE", "ca.pem"),
            ("CLIENT_KEY", "client.pem"),
        ];
        let error = refused(protocol, &swapped);
        assert!(
            error.starts_with("OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: ")
                && error.contains("are no certificate with its key"),
            "{error}"
        );
    }
}
