//! Keys of further services, by the prefixes that these give them.

use super::{Before, Rule, checked, embedded, token};
use crate::redaction::validators::{any, generated};

fn alphanumeric(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

fn dotted(c: char) -> bool {
    alphanumeric(c) || c == '.'
}

#[rustfmt::skip]
pub(super) const RULES: &[Rule] = &[
    // Secrets of secrets, and of networks.
    token("onepassword-key", &["a3-"], r"A3-[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})(?:-[A-Z0-9]{5}){3}\b"),
    token("onepassword-token", &["ops_eyj"], r"ops_eyJ[A-Za-z0-9+/_-]{60,}={0,3}"),
    embedded("tailscale-key", &["tskey-"], r"tskey-[a-z]{2,20}-[A-Za-z0-9]{8,}-[A-Za-z0-9]{16,}"),
    token("defined-networking-key", &["dnkey-"], r"dnkey-[A-Za-z0-9=_-]{26}-[A-Za-z0-9=_-]{52}"),
    token("cloudflare-token", &["cfat_", "cfut_", "cfk_"], r"cf(?:at|ut|k)_[A-Za-z0-9_-]{40,}"),
    token("cloudflare-origin-key", &["v1.0-"], r"v1\.0-[a-f0-9]{24}-[a-f0-9]{146}"),
    // Clouds and their tools.
    token("aws-bedrock-key", &["bedrock-api-key-"], r"bedrock-api-key-[A-Za-z0-9+/=]{20,}"),
    token("vercel-token", &["vcp_", "vci_", "vca_", "vcr_", "vck_"], r"vc[piark]_[A-Za-z0-9]{24,}"),
    token("flyio-token", &["fo1_", "fm1_", "fm1a_", "fm1r_", "fm2_"], r"(?:fo1_[A-Za-z0-9_-]{43}|fm(?:1[ar]?|2)_[A-Za-z0-9+/]{60,}={0,3})"),
    token("pulumi-token", &["pul-"], r"pul-[a-f0-9]{40}\b"),
    token("prefect-token", &["pnu_"], r"pnu_[A-Za-z0-9]{36}\b"),
    token("scalingo-token", &["tk-us-"], r"tk-us-[A-Za-z0-9_-]{48}"),
    token("openshift-token", &["sha256~"], r"sha256~[A-Za-z0-9_-]{43}"),
    token("harness-key", &["pat.", "sat."], r"[ps]at\.[A-Za-z0-9_-]{22}\.[0-9A-Za-z]{24}\.[A-Za-z0-9]{20}"),
    token("octopus-key", &["api-"], r"API-[A-Z0-9]{26}\b"),
    token("yandex-token", &["t1.", "aqvn"], r"(?:t1\.[A-Za-z0-9_-]{1,200}={0,2}\.[A-Za-z0-9_-]{86}={0,2}|AQVN[A-Za-z0-9_-]{35,38})"),
    token("clickhouse-key", &["4b1d"], r"4b1d[A-Za-z0-9]{38}\b"),
    Rule {
        name: "terraform-token",
        anchors: &[".atlasv1."],
        before: Before::Extend {
            class: alphanumeric,
            min: 14,
            max: 14,
            unless: None,
        },
        pattern: r"\.atlasv1\.[A-Za-z0-9_=-]{60,70}",
        accept: any,
    },
    // Packages and code.
    token("artifactory-key", &["akcp", "cmvmd"], r"(?:AKCp[A-Za-z0-9]{69}|cmVmd[A-Za-z0-9]{59})\b"),
    token("clojars-token", &["clojars_"], r"(?i:CLOJARS)_[A-Za-z0-9]{60}\b"),
    token("sourcegraph-token", &["sgp_"], r"sgp_(?:[a-fA-F0-9]{16}_|local_)?[a-fA-F0-9]{40}\b"),
    checked("sentry-token", &["sntrys_", "sntryu_"], r"sntry[su]_[A-Za-z0-9+/=_-]{40,}", generated),
    token("infracost-key", &["ico-"], r"ico-[A-Za-z0-9]{32}\b"),
    token("readme-key", &["rdme_"], r"rdme_[a-z0-9]{70}\b"),
    token("dynatrace-token", &["dt0c", "dt0s"], r"dt0[cs]\d{2}\.[A-Za-z0-9]{24}\.[A-Za-z0-9]{64}"),
    token("sidekiq-credentials", &["bundle_enterprise__contribsys__com", "bundle_gems__contribsys__com"],
        r#"(?i:BUNDLE_(?:ENTERPRISE|GEMS)__CONTRIBSYS__COM)["']?\s{0,4}[:=]{1,3}\s{0,4}["']?([a-f0-9]{8}:[a-f0-9]{8})"#),
    token("sonar-token", &["sonar_login", "sonar.login", "sonar-login"],
        r#"(?i:sonar[._-]login)["']?\s{0,4}[:=?]{1,4}\s{0,4}["']?((?:sq[pua]_)?[A-Za-z0-9]{40})"#),
    // Money and goods.
    token("plaid-token", &["access-sandbox-", "access-development-", "access-production-"],
        r"access-(?:sandbox|development|production)-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    token("duffel-token", &["duffel_live_", "duffel_test_"], r"duffel_(?:live|test)_[A-Za-z0-9_=-]{43}"),
    token("easypost-key", &["ezak", "eztk"], r"EZ[AT]K[A-Za-z0-9]{54}"),
    token("shippo-token", &["shippo_live_", "shippo_test_"], r"shippo_(?:live|test)_[a-fA-F0-9]{40}"),
    token("flutterwave-key", &["flwseck"], r"FLWSECK(?:_TEST)?-[A-Za-z0-9]{12,}(?:-X)?"),
    checked("live-key", &["live_"], r"live_[A-Za-z0-9_=-]{35,}", generated),
    // People and words.
    checked("facebook-token", &["eaa"], r"EAA[A-Z][A-Za-z0-9]{60,}", generated),
    token("dropbox-token", &["sl."], r"sl\.(?:u\.)?[A-Za-z0-9_=-]{120,}"),
    token("hubspot-token", &["pat-na", "pat-eu"], r"pat-(?:na|eu)\d?-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    token("sendinblue-key", &["xkeysib-"], r"xkeysib-[a-f0-9]{64}-[A-Za-z0-9]{16}"),
    token("typeform-token", &["tfp_"], r"tfp_[A-Za-z0-9_.=-]{40,59}"),
    token("frameio-token", &["fio-u-"], r"fio-u-[A-Za-z0-9_=-]{64}"),
    token("adobe-secret", &["p8e-"], r"p8e-[A-Za-z0-9]{32}\b"),
    Rule {
        name: "authress-key",
        anchors: &[".acc_", ".acc-"],
        before: Before::Extend {
            class: dotted,
            min: 12,
            max: 48,
            unless: None,
        },
        pattern: r"\.acc[_-][A-Za-z0-9-]{10,32}\.[A-Za-z0-9+/_=-]{30,120}",
        accept: any,
    },
    token("settlemint-token", &["sm_aat_", "sm_pat_", "sm_sat_"], r"sm_[aps]at_[A-Za-z0-9]{16}\b"),
    token("intra42-secret", &["s-s4t2ud-", "s-s4t2af-"], r"s-s4t2(?:ud|af)-[a-f0-9]{64}"),
    token("mapbox-token", &["sk.eyj"], r"sk\.eyJ[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{22}"),
    embedded("teams-webhook", &[".webhook.office.com/"], r"(?i:\.webhook\.office\.com)/([A-Za-z0-9@/-]{40,})"),
    Rule {
        name: "maxmind-key",
        anchors: &["_mmk"],
        before: Before::Extend {
            class: alphanumeric,
            min: 36,
            max: 36,
            unless: None,
        },
        pattern: r"_mmk\b",
        accept: generated,
    },
];
