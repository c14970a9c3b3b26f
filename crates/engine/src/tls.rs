//! TLS client configuration of a target: roots, client certificate, ALPN, resumption.

use crate::error::EngineError;
use plimsoll_scenario::{HttpVersion, Target};
use rustls::client::Resumption;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use std::sync::Arc;

/// Builds the configuration for a target. Roots of the system are used; where there are none,
/// those of the Mozilla programme that come with this program.
pub(crate) fn client_config(target: &Target) -> Result<Arc<ClientConfig>, EngineError> {
    let problem = |problem: String| EngineError::Tls {
        target: target.name.clone(),
        problem,
    };
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(|error| problem(error.to_string()))?;
    let builder = if target.tls.verify {
        builder.with_root_certificates(roots(target.tls.ca.as_deref()).map_err(problem)?)
    } else {
        builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(AnyCertificate(provider)))
    };
    let mut config = match &target.tls.client {
        None => builder.with_no_client_auth(),
        Some((certificates, key)) => {
            let chain = certificates_of(certificates)
                .map_err(|text| problem(format!("client_cert: {text}")))?;
            let key = PrivateKeyDer::from_pem_slice(key)
                .map_err(|error| problem(format!("client_key: no private key in PEM ({error})")))?;
            builder
                .with_client_auth_cert(chain, key)
                .map_err(|error| problem(format!("client_cert and client_key: {error}")))?
        }
    };
    config.alpn_protocols = match target.http {
        HttpVersion::Auto => vec![b"h2".to_vec(), b"http/1.1".to_vec()],
        HttpVersion::Http1 => vec![b"http/1.1".to_vec()],
        HttpVersion::Http2 => vec![b"h2".to_vec()],
    };
    if !target.tls.resumption {
        config.resumption = Resumption::disabled();
    }
    Ok(Arc::new(config))
}

fn certificates_of(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, String> {
    let chain = CertificateDer::pem_slice_iter(pem)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| format!("not PEM ({error})"))?;
    if chain.is_empty() {
        return Err(
            "no certificate in PEM (a block that begins with -----BEGIN CERTIFICATE-----)".into(),
        );
    }
    Ok(chain)
}

fn roots(extra: Option<&[u8]>) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    if let Some(pem) = extra {
        for certificate in certificates_of(pem).map_err(|text| format!("ca: {text}"))? {
            roots
                .add(certificate)
                .map_err(|error| format!("ca: {error}"))?;
        }
    }
    Ok(roots)
}

/// `verify: false`: any certificate will do, but the handshake's signatures are still checked.
#[derive(Debug)]
struct AnyCertificate(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
