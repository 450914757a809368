//! The words that keys are told apart by.

/// The names of the key rules.
#[rustfmt::skip]
pub(in crate::redaction) const RULES: [&str; 10] = [
    "password", "secret", "token", "authorization", "cookie", "api-key", "private-key", "credential",
    "connection-string", "personal-number",
];

/// Every sensitive key contains one of these or a secret kind of key (see [`stems`]), compared without case.
#[rustfmt::skip]
pub(super) const STEMS: &[&str] = &[
    "pass", "pwd", "secret", "token", "authorization", "basic_auth", "basic-auth", "basicauth", "auth_header",
    "auth-header", "authheader", "cookie", "jsessionid", "phpsessid", "credential", "creds", "bearer", "jwt",
    "connectionstring", "connection_string", "connection-string", "amz-signature", "jfrog-art-api", "cvv", "cvc", "ssn",
    "social_security", "social-security", "socialsecurity", "cardnumber", "card_number", "card-number", "code_verifier",
    "client_assertion", "oauth_signature", "kennwort", "motdepasse", "wachtwoord", "contrasena", "contraseña", "senha",
];

/// Words after which the value describes a secret instead of being one.
#[rustfmt::skip]
pub(super) const DESCRIBES: &[&str] = &[
    "arn", "at", "attempts", "attribute", "attributes", "changed", "count", "counts", "dir", "enabled", "endpoint",
    "error", "expired", "expires", "expiration", "expiry", "field", "file", "format", "in", "label", "length",
    "httponly", "limit", "limits", "location", "method", "mode", "name", "names", "parser", "partitioned", "path", "placeholder",
    "policy", "prefix", "provider", "required", "rotation", "rules", "samesite", "scheme", "schema", "seconds", "source",
    "status", "strength", "ttl", "type", "types", "updated", "uri", "url", "usage", "valid", "version",
];

/// Words before a secret's name that make it a question or an amount.
#[rustfmt::skip]
pub(super) const ASKS: &[&str] = &[
    "can", "has", "is", "max", "min", "needs", "no", "num", "require", "requires", "show", "use", "uses", "without",
];

/// Words beside `token` that make it a piece of text, a position in a listing, or a metric.
#[rustfmt::skip]
pub(super) const COUNTS: &[&str] = &[
    "audio", "bos", "budget", "cache", "cached", "completion", "continuation", "cost", "count", "counts", "cursor",
    "decoder", "eos", "estimate", "estimated", "first", "generated", "image", "index", "input", "last", "length",
    "limit", "logprob", "logprobs", "max", "min", "next", "num", "offset", "output", "pad", "page", "per", "pool",
    "position", "price", "prompt", "rate", "reasoning", "remaining", "sep", "size", "special", "speed", "start",
    "stop", "tail", "text", "thinking", "throughput", "time", "to", "total", "unk", "usage", "used", "video",
    "window",
];

/// Words that make `key` a secret one.
#[rustfmt::skip]
pub(super) const SECRET_KEYS: &[&str] = &[
    "access", "account", "admin", "aes", "app", "auth", "client", "decryption", "deploy", "deployer", "encryption", "fernet",
    "hmac", "license", "master", "preshared", "service", "session", "shared", "signer", "signing", "storage", "subscription",
    "unseal", "vault", "wallet", "webhook", "write",
];
