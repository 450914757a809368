//! Keys of platforms for models, code and services that came later than those in `vendors`, by their prefixes.

use super::{Before, Rule, checked, token};
use crate::redaction::validators::{any, generated, has_digit};

/// Of base64, in either alphabet.
fn base64(c: char) -> bool {
    c.is_ascii_alphanumeric() || "+/_-".contains(c)
}

/// A key of Azure's with the sign of its service at a fixed place, and a checksum behind it.
const fn azure(anchors: &'static [&'static str], before: usize, pattern: &'static str) -> Rule {
    Rule {
        name: "azure-key",
        anchors,
        before: Before::Extend {
            class: base64,
            min: before,
            max: before,
            unless: None,
        },
        pattern,
        accept: any,
    }
}

#[rustfmt::skip]
pub(super) const RULES: &[Rule] = &[
    // Models and agents.
    token("langfuse-key", &["sk-lf-"], r"sk-lf-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    token("helicone-key", &["sk-helicone-"], r"sk-helicone-[a-z0-9]{7}(?:-[a-z0-9]{7}){3}"),
    token("logfire-token", &["pylf_v"], r"pylf_v\d_(?:[a-z]{2}_)?[A-Za-z0-9]{30,}"),
    token("together-key", &["tgp_v1_"], r"tgp_v1_[A-Za-z0-9_-]{43}"),
    checked("fireworks-key", &["fw_"], r"fw_[A-Za-z0-9]{22,24}\b", has_digit),
    token("jina-key", &["jina_"], r"jina_[A-Za-z0-9]{60}"),
    token("cerebras-key", &["csk-"], r"csk-[a-z0-9]{48}"),
    token("firecrawl-key", &["fc-"], r"fc-[a-f0-9]{32}\b"),
    token("runpod-key", &["rpa_"], r"rpa_[A-Z0-9]{30,40}[A-Za-z0-9]{0,6}\b"),
    token("e2b-key", &["e2b_"], r"e2b_[a-f0-9]{40}\b"),
    token("llamacloud-key", &["llx-"], r"llx-[A-Za-z0-9]{48}"),
    token("elevenlabs-key", &["sk_"], r"sk_[a-f0-9]{48}\b"),
    token("gcp-api-key", &["aq.ab"], r"AQ\.Ab[A-Za-z0-9_-]{45,}"),
    token("apify-token", &["apify_api_"], r"apify_api_[A-Za-z0-9]{36}"),
    token("kaggle-token", &["kgat_"], r"KGAT_[a-f0-9]{32}"),
    token("wandb-key", &["wandb_v1_"], r"wandb_v1_[A-Za-z0-9_]{40,}"),
    token("openai-key", &["sess-"], r"sess-[A-Za-z0-9]{40}\b"),
    token("baidu-key", &["bce-v3/altak-"], r"bce-v3/ALTAK-[A-Za-z0-9]{21}/[a-f0-9]{40}"),
    // Clouds.
    token("gcp-oauth-token", &["1//0"], r"1//0[A-Za-z0-9_-]{40,}"),
    token("gcp-hmac-key", &["goog1"], r"GOOG1[A-Z2-7]{40,}"),
    token("aws-session-token", &["iqojb3jpz2lux2vj", "fwogzxivyxdz"], r"(?:IQoJb3JpZ2luX2Vj|FwoGZXIvYXdz)[A-Za-z0-9+/=]{80,}"),
    token("aws-mws-key", &["amzn.mws."], r"amzn\.mws\.[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    token("amazon-oauth-secret", &["amzn1.oa2-cs.v1."], r"amzn1\.oa2-cs\.v1\.[a-f0-9]{64}"),
    token("aws-appsync-key", &["da2-"], r"da2-[a-z0-9]{26}\b"),
    token("tencent-key", &["akid"], r"AKID[A-Za-z0-9]{32}\b"),
    token("digitalocean-spaces-key", &["do00"], r"DO00[A-Z0-9]{16}\b"),
    token("vercel-token", &["vercel_blob_rw_"], r"vercel_blob_rw_[A-Za-z0-9_]{30,}"),
    token("aiven-password", &["avns_"], r"AVNS_[A-Za-z0-9_-]{15,24}"),
    azure(&["jqqj9"], 52, r"JQQJ9[9DH][A-Za-z0-9]{24,}"),
    azure(&["apim", "acdb", "+aba", "+amc", "+ast"], 76, r"(?:APIM|ACDb|\+(?:ABa|AMC|ASt))[A-Za-z0-9+/]{5}[AQgw]=="),
    azure(&["aiot", "+asb", "+aeh", "+arm"], 33, r"(?:AIoT|\+(?:ASb|AEh|ARm))[A-P][A-Za-z0-9+/]{5}="),
    azure(&["azca"], 33, r"AzCa[A-P][A-Za-z0-9]{5}="),
    azure(&["azse", "+acr"], 42, r"(?:AzSe|\+ACR)[A-D][A-Za-z0-9+/]{5}"),
    azure(&["azfu"], 44, r"AzFu[A-Za-z0-9_-]{5}[AQgw]=="),
    // Code, and what builds and runs it.
    token("bitbucket-token", &["bbdc-"], r"BBDC-[A-Za-z0-9+/@_-]{40,50}"),
    token("circleci-token", &["ccipat_", "cciprj_"], r"CCIP(?:AT|RJ)_[A-Za-z0-9]{10,30}_[a-f0-9]{40}"),
    token("sonar-token", &["sqp_", "squ_", "sqa_"], r"sq[pua]_[a-f0-9]{40}"),
    token("buildkite-token", &["bkua_"], r"bkua_[a-f0-9]{40}"),
    token("nuget-key", &["oy2"], r"oy2[a-z0-9]{43}\b"),
    token("netlify-token", &["nfp_"], r"nfp_[A-Za-z0-9]{36}\b"),
    token("render-key", &["rnd_"], r"rnd_[A-Za-z0-9]{28,32}\b"),
    token("neon-key", &["napi_", "npg_"], r"(?:napi_[a-z0-9]{50,}|npg_[A-Za-z0-9]{12,})"),
    token("mongodb-atlas-key", &["mdb_sa_sk_"], r"mdb_sa_sk_[A-Za-z0-9_-]{40}"),
    token("portainer-token", &["ptr_"], r"ptr_[A-Za-z0-9+/]{43}="),
    token("launchdarkly-key", &["sdk-", "mob-"], r"(?:sdk|mob)-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    token("contentful-token", &["cfpat-"], r"CFPAT-[A-Za-z0-9_-]{43}"),
    token("dbt-token", &["dbtc_", "dbtu_"], r"dbt[cu]_[A-Za-z0-9_-]{30,}"),
    token("n8n-key", &["n8n_api_"], r"n8n_api_[A-Za-z0-9]{40,}"),
    token("fauna-key", &["fna"], r"fnA[A-Za-z0-9_-]{37}\b"),
    token("snyk-token", &["snyk_uat."], r"snyk_uat\.[A-Za-z0-9_.-]{20,}"),
    token("riot-key", &["rgapi-"], r"RGAPI-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    token("wakatime-key", &["waka_"], r"waka_[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    token("rootly-key", &["rootly_"], r"rootly_[a-f0-9]{64}"),
    // Services.
    token("resend-key", &["re_"], r"re_[A-Za-z0-9]{8}_[A-Za-z0-9]{24}\b"),
    token("mailersend-key", &["mlsn."], r"mlsn\.[a-f0-9]{64}"),
    token("sendinblue-key", &["xsmtpsib-"], r"xsmtpsib-[a-f0-9]{64}-[A-Za-z0-9]{16}"),
    token("posthog-key", &["phx_"], r"phx_[A-Za-z0-9]{43,}"),
    token("woocommerce-key", &["ck_", "cs_"], r"c[ks]_[a-f0-9]{40}\b"),
    token("zoho-token", &["1000."], r"1000\.[a-f0-9]{32}\.[a-f0-9]{32}"),
    token("clickup-token", &["pk_"], r"pk_\d{6,9}_[A-Z0-9]{32}"),
    token("trello-token", &["atta"], r"ATTA[a-f0-9]{60,72}\b"),
    token("salesforce-token", &["00d"], r"00D[A-Za-z0-9]{12}![A-Za-z0-9._]{80,}"),
    token("braintree-token", &["access_token$"], r"access_token\$(?:production|sandbox)\$[a-z0-9]{16}\$[a-f0-9]{32}"),
    token("paypal-token", &["a21aa"], r"A21AA[A-Za-z0-9_-]{80,}"),
    token("discord-token", &["mfa."], r"mfa\.[A-Za-z0-9_-]{84}"),
    token("matrix-token", &["syt_"], r"syt_[A-Za-z0-9]{4,64}_[A-Za-z0-9]{20}_[A-Za-z0-9]{6}\b"),
    token("newrelic-key", &["nriq-", "nrbr-"], r"NR(?:IQ|BR)-[A-Za-z0-9_-]{19,}"),
    token("honeycomb-key", &["hcaik_", "hcbik_", "hcxik_", "hcalk_", "hcxlk_", "hcbmk_", "hcamk_"], r"hc[abx][ilm]k_01[a-z0-9]{50,60}"),
    checked("twitter-token", &["aaaaaaaaaaaaaaaaaaaaa"], r"AAAAAAAAAAAAAAAAAAAAA[A-Za-z0-9%]{60,}", generated),
    token("okta-token", &["ssws 00"], r"SSWS (00[A-Za-z0-9_-]{40})"),
    // Wallets, and hashes of passwords.
    token("age-secret-key", &["age-secret-key-pq-1"], r"AGE-SECRET-KEY-PQ-1[0-9A-Z]{58,}"),
    token("bip32-key", &["xprv", "yprv", "zprv", "tprv"], r"[xyzt]prv[1-9A-HJ-NP-Za-km-z]{107}\b"),
    token("nostr-key", &["nsec1"], r"nsec1[02-9ac-hj-np-z]{58}\b"),
    token("password-hash", &["$2a$", "$2b$", "$2y$", "$apr1$", "$argon2"],
        r"\$(?:2[aby]\$\d\d\$[./A-Za-z0-9]{53}|apr1\$[./A-Za-z0-9]{1,8}\$[./A-Za-z0-9]{22}|argon2(?:id?|d)\$[A-Za-z0-9+/=,$]{40,})"),
];
