//! Encryption towards a collector: whose certificates are trusted, and by which one we are known, from files that variables
//! name.

use std::path::PathBuf;

use opentelemetry_otlp::tonic_types::transport::{Certificate, ClientTlsConfig, Identity};

use super::settings::ExportError;

/// A file, and the variable that names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NamedFile {
    pub(super) variable: &'static str,
    pub(super) path: PathBuf,
}

/// Files in PEM form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct TlsFiles {
    /// Authorities of which the collector's certificate has to be; without it, those of the system.
    pub(super) authorities: Option<NamedFile>,
    /// Our certificate and its key, for collectors that ask for one.
    pub(super) identity: Option<[NamedFile; 2]>,
}

/// What is in the files.
#[derive(Debug, Default)]
pub(super) struct Tls {
    authorities: Option<Vec<u8>>,
    identity: Option<[Vec<u8>; 2]>,
}

impl TlsFiles {
    /// # Errors
    /// A file that cannot be read, or does not hold what its variable is for.
    pub(super) fn read(&self) -> Result<Tls, ExportError> {
        let authorities = self.authorities.as_ref().map(|file| {
            let pem = file.read()?;
            match reqwest::Certificate::from_pem_bundle(&pem) {
                Ok(certificates) if !certificates.is_empty() => Ok(pem),
                _ => Err(file.error("there is no certificate in PEM form in it")),
            }
        });
        let identity = self.identity.as_ref().map(|[certificate, key]| {
            let pems = [certificate.read()?, key.read()?];
            match reqwest::Identity::from_pem(&pems.concat()) {
                Ok(_) => Ok(pems),
                Err(error) => Err(certificate.error(&format!(
                    "it and {} are no certificate with its key: {}",
                    key.path.display(),
                    causes(&error)
                ))),
            }
        });
        Ok(Tls {
            authorities: authorities.transpose()?,
            identity: identity.transpose()?,
        })
    }
}

impl NamedFile {
    fn read(&self) -> Result<Vec<u8>, ExportError> {
        std::fs::read(&self.path).map_err(|error| self.error(&error.to_string()))
    }

    fn error(&self, cause: &str) -> ExportError {
        ExportError::File {
            variable: self.variable,
            path: self.path.clone(),
            cause: cause.to_owned(),
        }
    }
}

impl Tls {
    pub(super) fn grpc(&self) -> ClientTlsConfig {
        let tls = ClientTlsConfig::new();
        let tls = match &self.authorities {
            Some(pem) => tls.ca_certificate(Certificate::from_pem(pem)),
            None => tls.with_enabled_roots(),
        };
        match &self.identity {
            Some([certificate, key]) => tls.identity(Identity::from_pem(certificate, key)),
            None => tls,
        }
    }

    /// Applies it to a client over HTTP.
    ///
    /// # Errors
    /// What [`TlsFiles::read`] lets through and the client does not take.
    pub(super) fn http(
        &self,
        mut client: reqwest::ClientBuilder,
    ) -> reqwest::Result<reqwest::ClientBuilder> {
        if let Some(pem) = &self.authorities {
            client = client.tls_certs_only(reqwest::Certificate::from_pem_bundle(pem)?);
        }
        if let Some(pems) = &self.identity {
            client = client.identity(reqwest::Identity::from_pem(&pems.concat())?);
        }
        Ok(client)
    }
}

/// An error and what caused it, in one line.
fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(&format!(": {cause}"));
        next = cause.source();
    }
    text
}
