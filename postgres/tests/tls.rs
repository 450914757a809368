//! Sessions over TLS: a front that speaks it, as poolers in the cloud do, before a real server.

use std::{path::PathBuf, sync::Arc};

use anyhow::{Context, Result};
use orcheo_postgres::Address;
use orcheo_store::testing::TestDatabase;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream, UnixStream},
};
use tokio_postgres::config::Host;
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto::aws_lc_rs, pki_types::PrivatePkcs8KeyDer},
};

/// What a client sends first when it would like TLS: the length, and 1234.5679 where the protocol's version would be.
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];

struct Front {
    _database: TestDatabase,
    name: String,
    port: u16,
    files: TempDir,
}

impl Front {
    /// A front that has a certificate for `localhost`, of an authority of its own.
    async fn with_tls() -> Result<Self> {
        let mut authority = CertificateParams::new([])?;
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate()?)?;
        let key = KeyPair::generate()?;
        let certificate =
            CertificateParams::new(["localhost".to_owned()])?.signed_by(&key, &authority)?;
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
            )?;
        let front = Self::new(Some(TlsAcceptor::from(Arc::new(config)))).await?;
        std::fs::write(front.authority(), authority.pem())?;
        Ok(front)
    }

    async fn new(tls: Option<TlsAcceptor>) -> Result<Self> {
        let database = TestDatabase::new().await;
        let config: tokio_postgres::Config = database.url().parse()?;
        let Some(Host::Unix(directory)) = config.get_hosts().first() else {
            anyhow::bail!("the test server has no Unix socket");
        };
        let name = config.get_dbname().context("no database")?.to_owned();
        let socket = directory.join(".s.PGSQL.5432");
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(serve(client, tls.clone(), socket.clone()));
            }
        });
        Ok(Self {
            _database: database,
            name,
            port,
            files: tempfile::tempdir()?,
        })
    }

    fn authority(&self) -> PathBuf {
        self.files.path().join("authority.pem")
    }

    /// Whether a session is had with these words on TLS, and is encrypted up to the front.
    async fn session(&self, host: &str, words: &str) -> Result<bool> {
        let (port, name) = (self.port, &self.name);
        let address = Address::parse(&format!("postgres://postgres@{host}:{port}/{name}?{words}"))?;
        let (client, connection) = address.connect().await?;
        tokio::spawn(connection);
        let row = client
            .query_one("SELECT current_setting('application_name')", &[])
            .await?;
        Ok(row.get::<_, &str>(0) == "over tls")
    }
}

async fn serve(mut client: TcpStream, tls: Option<TlsAcceptor>, socket: PathBuf) -> Result<()> {
    let mut first = [0; 8];
    client.peek(&mut first).await?;
    let asked = first == SSL_REQUEST;
    if asked {
        client.read_exact(&mut first).await?;
    }
    let mut server = UnixStream::connect(socket).await?;
    let Some(tls) = tls.filter(|_| asked) else {
        if asked {
            client.write_all(b"N").await?;
        }
        copy_bidirectional(&mut client, &mut server).await?;
        return Ok(());
    };
    client.write_all(b"S").await?;
    let mut client = tls.accept(client).await?;
    // The start-up message gets one more parameter, which the session can then be asked for.
    let length = usize::try_from(client.read_u32().await?)?;
    let mut start = vec![0; length - 4];
    client.read_exact(&mut start).await?;
    start.pop();
    start.extend(b"application_name\0over tls\0\0");
    server.write_u32(u32::try_from(start.len() + 4)?).await?;
    server.write_all(&start).await?;
    copy_bidirectional(&mut client, &mut server).await?;
    Ok(())
}

#[tokio::test]
async fn tls_is_used_where_it_is_offered_and_not_forbidden() -> Result<()> {
    let front = Front::with_tls().await?;
    assert!(front.session("localhost", "").await?);
    assert!(front.session("localhost", "sslmode=require").await?);
    assert!(!front.session("localhost", "sslmode=disable").await?);
    Ok(())
}

#[tokio::test]
async fn a_server_without_tls_is_refused_only_where_tls_is_required() -> Result<()> {
    let front = Front::new(None).await?;
    assert!(!front.session("localhost", "").await?);
    let refused = front.session("localhost", "sslmode=require").await;
    assert!(format!("{:#}", refused.unwrap_err()).contains("does not support TLS"));
    Ok(())
}

#[tokio::test]
async fn a_server_proves_by_an_authority_that_it_is_who_it_should_be() -> Result<()> {
    let front = Front::with_tls().await?;
    let words = format!(
        "sslmode=verify-full&sslrootcert={}",
        front.authority().display()
    );
    assert!(front.session("localhost", &words).await?);

    let elsewhere = front.session("127.0.0.1", &words).await.unwrap_err();
    assert!(
        format!("{elsewhere:#}").contains("not valid for name"),
        "{elsewhere:#}"
    );
    let unknown = front
        .session("localhost", "sslmode=verify-full")
        .await
        .unwrap_err();
    assert!(
        format!("{unknown:#}").contains("invalid peer certificate"),
        "{unknown:#}"
    );
    Ok(())
}

#[tokio::test]
async fn what_an_address_gets_wrong_is_said_without_its_password() -> Result<()> {
    let problem = |text: &str| Address::parse(text).unwrap_err().to_string();
    let mode = problem("postgres://u:hunter2@h/db?sslmode=always");
    assert!(mode.contains("verify-full, not `always`"), "{mode}");
    let file = problem("postgres://u:hunter2@h/db?sslmode=verify-full&sslrootcert=/nowhere/ca.pem");
    assert!(file.starts_with("sslrootcert: /nowhere/ca.pem: "), "{file}");
    let syntax = problem("postgres://u:hunter2@h:port/db");
    for text in [mode, file, syntax] {
        assert!(!text.contains("hunter2"), "{text}");
    }
    Ok(())
}
