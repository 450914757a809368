//! Every pattern rule: what it finds, and what only looks like it.

use std::collections::BTreeSet;

use super::redacted;
use crate::redaction::rules;

/// `(rule, hit, near miss)`. The first bytes stand apart, so that no scanner takes this file for a leak.
#[rustfmt::skip]
const CASES: &[(&str, (&str, &str), &str)] = &[
    ("private-key", ("-----BEGIN RSA ", "PRIVATE KEY-----\nMIIEow\nabc\n-----END RSA PRIVATE KEY-----"), "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----"),
    ("private-key", ("-----BEGIN OPENSSH ", "PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA cut off"), "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----"),
    ("private-key", ("-----BEGIN PGP ", "PRIVATE KEY BLOCK-----\nlQOYBF\n-----END PGP PRIVATE KEY BLOCK-----"), "BEGIN PRIVATE KEY without dashes"),
    ("putty-private-key", ("Private-Lines", ": 8\nAAABAQCx\nAAABAQCy\n"), "Private-Lines: none"),
    ("age-secret-key", ("AGE-SECRET-KEY-1", "QQPQZ9VXQ4LXHLEKXX9QZJTYDMT5VDN0LYXP6W8GQ4X0QJ8ZK3QSFQQQQQ"), "AGE-SECRET-KEY-1SHORT"),
    ("aws-access-key", ("AKIA", "IOSFODNN7EXAMPLE"), "AKIAIOSFODNN7EXAMPLETOOLONG"),
    ("aws-access-key", ("ASIA", "IOSFODNN7EXAMPLE"), "ASIA PACIFIC REGION"),
    ("aws-access-key", ("A3TX", "IOSFODNN7EXAMPLE"), "A3T and A3TX"),
    ("ethereum-key", ("new ethers.Wallet(\"0", "xc8f12fb8b20008e14b5a5ff4bad15af9b545d98144da8707892dcc2a2014ba58"), "tx_hash: 0xc8f12fb8b20008e14b5a5ff4bad15af9b545d98144da8707892dcc2a2014ba58"),
    ("ethereum-key", ("the private key of it, 0", "xC8F12FB8B20008E14B5A5FF4BAD15AF9B545D98144DA8707892DCC2A2014BA58"), "ETH_PK=0xc8f12fb8b2, wallet(0x71C7656EC7ab88b098defB751B7401B5f6d8976F)"),
    ("ethereum-key", ("DEPLOYER_PK=0", "xc8f12fb8b20008e14b5a5ff4bad15af9b545d98144da8707892dcc2a2014ba58"), "block 0xc8f12fb8b20008e14b5a5ff4bad15af9b545d98144da8707892dcc2a2014ba58"),
    ("aws-bedrock-key", ("ABSK", "QmVkcm9ja0FQSUtleS1leGFtcGxlLWF0LTEyMzQ1Njc4OTAxMjphYmNkZWZnaGlqa2xtbm9w"), "ABSK is short"),
    ("gcp-api-key", ("AIza", "SyD-9tSrke72PouQMnMX-a7eZSW0jkFMBWY"), "AIzaShort"),
    ("gcp-oauth-token", ("ya29.", "a0AfH6SMBx7-abcdefghij"), "ya29.short"),
    ("gcp-client-secret", ("GOCSPX-", "1aBcDeFgHiJkLmNoPqRsTuVwXyZ0"), "GOCSPX-short"),
    ("azure-storage-key", ("AccountKey=", "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="), "AccountKind=StorageV2"),
    ("azure-sas", ("https://x.blob.core.windows.net/c?sv=2022&sig=", "1UcXkj%2Bk9v0fWb3Xn5P2ZQbCw2q3x6q8o%3D"), "https://x.example/?sig=short"),
    ("azure-client-secret", ("abc8", "Q~abcdefghijklmnopqrstuvwxyz0123456"), "FAQ~ frequently"),
    ("digitalocean-token", ("dop_v1_", "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"), "dop_v1_0123"),
    ("alibaba-access-key", ("LTAI", "5tAbCdEfGhIjKlMnOpQr"), "LTAI5t"),
    ("heroku-key", ("HRKU-", "01234567-89ab-cdef-0123-456789abcdef"), "HRKU-012"),
    ("github-token", ("ghp_", "16C7e42F292c6912E7710c838347Ae178B4a"), "ghp_short"),
    ("github-token", ("github_pat_", "11ABCDEFG0abcdefghijkl_mnopqrstuvwxyz"), "github_pat_short"),
    ("gitlab-token", ("glpat-", "20CharsExactly_abcde"), "glpat-short"),
    ("bitbucket-token", ("ATBB", "abcdefghijklmnopqrstuvwxyz012345"), "ATBBshort"),
    ("npm-token", ("npm_", "abcdefghijklmnopqrstuvwxyz0123456789"), "npm_config_registry"),
    ("pypi-token", ("pypi-AgE", "IcHlwaS5vcmcCJDAwMDAwMDAwLTAwMDAtMDAwMC0wMDAwLTAwMDAwMDAwMDAwMA"), "pypi-AgEIc"),
    ("rubygems-key", ("rubygems_", "0123456789abcdef0123456789abcdef0123456789abcdef"), "rubygems_version"),
    ("crates-io-token", ("cio", "AbCdEfGhIjKlMnOpQrStUvWxYz012345"), "ciolkowski"),
    ("docker-token", ("dckr_pat_", "abcdefghijklmnopqrstuvwxyz1"), "dckr_pat_short"),
    ("anthropic-key", ("sk-ant-", "api03-AbCd1234EfGh5678IjKl9012"), "sk-ant-colony-simulation"),
    ("openai-key", ("sk-", "proj-AbCdEfGhIjKl0123456789MnOpQr"), "sk-spinner-container-wrapper-element"),
    ("openai-key", ("sk-", "0123456789abcdef0123456789abcdef"), "sk-learn"),
    ("huggingface-token", ("hf_", "abcdefghijklmnopqrstuvwxyzABCDEFGH"), "hf_hub_download"),
    ("replicate-token", ("r8_", "0123456789abcdefghijklmnopqrstuvwxyzA"), "r8_register"),
    ("groq-key", ("gsk_", "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGH"), "gsk_short"),
    ("xai-key", ("xai-", "0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz"), "xai-methods"),
    ("perplexity-key", ("pplx-", "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGH"), "pplx-70b-online"),
    ("langsmith-key", ("lsv2_", "pt_0123456789abcdef0123456789abcdef_0123456789"), "lsv2_pt_short"),
    ("pinecone-key", ("pcsk_", "0123456789abcdefghijklmnopqrstuvwxyz_ABCDEFGH"), "pcsk_short"),
    ("tavily-key", ("tvly-", "dev-0123456789abcdefghij"), "tvly-documentation-for-everybody"),
    ("nvidia-key", ("nvapi-", "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGH"), "nvapi-docs"),
    ("stripe-key", ("sk_live_", "4eC39HqLyjWDarjtT1zdp7dc"), "sk_live_mode"),
    ("stripe-webhook-secret", ("whsec_", "5WbX5kEWLlfzsGNjH64I8lOOqUB6e8FH"), "whsec_abcdefghijklmnopqrstuvwxyz"),
    ("square-token", ("sq0atp-", "0123456789abcdefghijkl"), "sq0atp-short"),
    ("shopify-token", ("shpat_", "0123456789abcdef0123456789abcdef"), "shpat_name"),
    ("slack-token", ("xoxb-", "123456789012-1234567890123-AbCdEfGhIjKlMnOp"), "xoxb-placeholder-value"),
    ("slack-token", ("xapp-", "1-A0123456789-0123456789-abcdef"), "xapp-name"),
    ("slack-webhook", ("https://hooks.slack.com", "/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX"), "https://hooks.slack.com/docs"),
    ("discord-webhook", ("https://discord.com/api", "/webhooks/123456789012345678/abcdefghijklmnopqrstuvwxyz0123456789"), "https://discord.com/api/webhooks/123"),
    ("discord-token", ("MTk4NjIyNDgzNDcxOTI1MjQ4", ".Cl2FMQ.ZnCjm1XVW7vRze4b7Cq4se7kKWs"), "MinimalModule2Of3Things.events.anotherLongName0OfSomething"),
    ("discord-token", ("MTAyOTQ4MTN5OTU5MTDwMEcxNg", ".GSwJyi.sbaw8msOR3Wi6vPUzeIWy_P0vJbB0UuRVjH8l8"), "MTk4NjIyNDgzNDcxOTI1MjQ4.Cl2FMQ.short and XTk4NjIyNDgzNDcxOTI1MjQ4.Cl2FMQ.ZnCjm1XVW7vRze4b7Cq4se7kKWs"),
    ("telegram-token", ("123456789", ":AAabcdefghijklmnopqrstuvwxyz0123456"), "12:AAA batteries"),
    ("twilio-key", ("SK", "0123456789abcdef0123456789abcdef"), "SKU 0123456789"),
    ("sendgrid-key", ("SG.", "ngeVfQFYQlKU0ufo8x5d1A.TwL2iGABf9DHoTf-09kqeF8tAmbihYzrnopKc-1s5cr"), "SG.pdf"),
    ("mailgun-key", ("key-", "0123456789abcdef0123456789abcdef"), "key-0123456789abcdef"),
    ("mailchimp-key", ("0123456789abcdef", "0123456789abcdef-us12"), "anti-us 0123456789abcdef-us1"),
    ("atlassian-token", ("ATATT3", "xFfGF0abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ="), "ATATT3 short"),
    ("linear-key", ("lin_api_", "0123456789abcdefghijklmnopqrstuvwxyzABCD"), "lin_api_short"),
    ("notion-key", ("ntn_", "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJ"), "ntn_short"),
    ("databricks-token", ("dapi", "0123456789abcdef0123456789abcdef"), "dapi0123"),
    ("vault-token", ("hvs.", "CAESIAbcdefghijklmnopqrstuvwxyz012345"), "hvs.short"),
    ("vault-token", ("s.", "7Hk2mQpX9vLw3RtY5zNc8BdF"), "s.handleIncomingConnection(), s.7Hk2mQpX9vLw3RtY5zNc8BdF.js, is.7Hk2mQpX9vLw3RtY5zNc8BdF"),
    ("doppler-token", ("dp.", "pt.0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"), "dp.pt.short"),
    ("planetscale-secret", ("pscale_", "pw_0123456789abcdefghijklmnopqrstuvwxyzABCD"), "pscale_pw_short"),
    ("supabase-key", ("sbp_", "0123456789abcdef0123456789abcdef01234567"), "sbp_short"),
    ("newrelic-key", ("NRAK-", "0123456789ABCDEFGHIJKLMNOPQ"), "NRAK-0123"),
    ("grafana-token", ("glsa_", "0123456789abcdefghijklmnopqrstuv_01234567"), "glsa_short"),
    ("postman-key", ("PMAK-", "0123456789abcdef01234567-0123456789abcdef0123456789abcdef01"), "PMAK-0123"),
    ("figma-token", ("figd_", "0123456789abcdefghijklmnopqrstuvwxyzABCD"), "figd_short"),
    ("airtable-token", ("pat", "AbCdEfGhIjKlMn.0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"), "pattern.matching"),
    ("github-token", ("ghs_", "12345_eyJaB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6"), "ghs_12345_short"),
    ("gitlab-token", ("GR1348941", "aB3dE6gH9jK2mN5pQ8sT"), "GR1348941 of 2024"),
    ("gitlab-token", ("_gitlab_session=", "0123456789abcdef0123456789abcdef"), "_gitlab_session=short"),
    ("square-token", ("EAAA", "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9jK2m"), "EAAA is a word"),
    ("grafana-token", ("eyJrIjoi", "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6"), "eyJrIjoiYSJ9"),
    ("onepassword-key", ("A3-", "ABC123-ABCDEF-ABC12-ABC12-ABC12-ABC12"), "A3-ABC123"),
    ("onepassword-token", ("ops_eyJ", "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9jK2mN5pQ8sT1vW4yZ"), "ops_eyJhbGci"),
    ("tailscale-key", ("tskey-", "auth-kAbCdEfGhIjK-aB3dE6gH9jK2mN5pQ8sT1vW4"), "tskey-auth"),
    ("defined-networking-key", ("dnkey-", "aB3dE6gH9jK2mN5pQ8sT1vW4yZ-aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9jK2mN5pQ8sT1vW4y"), "dnkey-short"),
    ("cloudflare-token", ("cfat_", "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9jK2m"), "cfat_short"),
    ("cloudflare-origin-key", ("v1.0-", "0123456789abcdef01234567-0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef01"), "v1.0-beta"),
    ("aws-bedrock-key", ("bedrock-api-key-", "YmVkcm9jay5hbWF6b25hd3MuY29t"), "bedrock-api-key-id"),
    ("vercel-token", ("vcp_", "aB3dE6gH9jK2mN5pQ8sT1vW4"), "vcp_short"),
    ("flyio-token", ("fo1_", "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9jK2mN5p"), "fo1_short"),
    ("pulumi-token", ("pul-", "0123456789abcdef0123456789abcdef01234567"), "pul-request"),
    ("prefect-token", ("pnu_", "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9"), "pnu_short"),
    ("scalingo-token", ("tk-us-", "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9jK2mN5pQ8sT1"), "tk-us-east"),
    ("openshift-token", ("sha256~", "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9jK2mN5p"), "sha256~short"),
    ("harness-key", ("pat.", "aB3dE6gH9jK2mN5pQ8sT1v.0123456789abcdef01234567.aB3dE6gH9jK2mN5pQ8sT"), "pat.method()"),
    ("octopus-key", ("API-", "A1B2C3D4E5F6G7H8J9K0A1B2C3"), "API-KEY and API-REFERENCE"),
    ("yandex-token", ("t1.", "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9jK2m.aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE"), "t1.micro"),
    ("clickhouse-key", ("4b1d", "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9jK"), "4b1dfeed"),
    ("terraform-token", ("aB3dE6gH9jK2mN", ".atlasv1.aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9j"), "short.atlasv1.x"),
    ("artifactory-key", ("AKCp", "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9jK2mN5"), "AKCp short"),
    ("clojars-token", ("CLOJARS_", "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6"), "CLOJARS_HOME"),
    ("sourcegraph-token", ("sgp_", "0123456789abcdef0123456789abcdef01234567"), "sgp_short"),
    ("sentry-token", ("sntryu_", "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"), "sntryu_short"),
    ("infracost-key", ("ico-", "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE"), "ico-files"),
    ("readme-key", ("rdme_", "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef012345"), "rdme_docs"),
    ("dynatrace-token", ("dt0c01.", "A1B2C3D4E5F6G7H8J9K0A1B2.A1B2C3D4E5F6G7H8J9K0A1B2C3D4E5F6G7H8J9K0A1B2C3D4E5F6G7H8J9K0A1B2"), "dt0c01.short"),
    ("plaid-token", ("access-sandbox-", "01234567-89ab-cdef-0123-456789abcdef"), "access-sandbox-mode"),
    ("duffel-token", ("duffel_live_", "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9jK2mN5p"), "duffel_live_mode"),
    ("easypost-key", ("EZAK", "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9jK2mN5pQ8sT1vW4yZ7"), "EZAK short"),
    ("shippo-token", ("shippo_live_", "0123456789abcdef0123456789abcdef01234567"), "shippo_live_mode"),
    ("flutterwave-key", ("FLWSECK_TEST-", "e175745457c5"), "FLWSECK_TEST-x"),
    ("live-key", ("live_", "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9jK2m"), "live_streaming_of_events_in_the_browser_today"),
    ("facebook-token", ("EAAM", "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9jK2mN5pQ8sT1vW4yZ"), "EAAM short"),
    ("facebook-token", ("130874276", "2612587|rhoK1cbv0DOU_RTX_87O4MkX7AI"), "|1308742762612587|abc| 1308742762612587|the-first-of-several-columns|"),
    ("dropbox-token", ("sl.", "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9jK2mN5pQ8sT1v"), "sl.u.short"),
    ("hubspot-token", ("pat-na1-", "01234567-89ab-cdef-0123-456789abcdef"), "pat-na1-short"),
    ("sendinblue-key", ("xkeysib-", "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef-aB3dE6gH9jK2mN5p"), "xkeysib-short"),
    ("typeform-token", ("tfp_", "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9jK2mN5pQ"), "tfp_short"),
    ("frameio-token", ("fio-u-", "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9j"), "fio-u-short"),
    ("adobe-secret", ("p8e-", "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE"), "p8e-short"),
    ("authress-key", ("scauth_", "aB3dE6gH9jK2.aB3d.acc_aB3dE6gH9jK2mN5p.aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9jK2m"), "ext_php.ini.acc_file"),
    ("settlemint-token", ("sm_aat_", "aB3dE6gH9jK2mN5p"), "sm_aat_short"),
    ("intra42-secret", ("s-s4t2ud-", "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"), "s-s4t2ud-short"),
    ("mapbox-token", ("sk.eyJ", "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9jK2m.aB3dE6gH9jK2mN5pQ8sT1v"), "sk.eyJhbGci"),
    ("teams-webhook", ("https://x.webhook.office.com", "/webhookb2/01234567-89ab-cdef-0123-456789abcdef@01234567-89ab-cdef-0123-456789abcdef"), "https://x.webhook.office.com/docs"),
    ("maxmind-key", ("aB3dE6_", "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB_mmk"), "short_mmk"),
    ("langfuse-key", ("sk-lf-", "01234567-89ab-cdef-0123-456789abcdef"), "sk-lf-short"),
    ("helicone-key", ("sk-helicone-", "abcdef1-abcdef2-abcdef3-abcdef4"), "sk-helicone-name"),
    ("logfire-token", ("pylf_v1_us_", "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9jK2mN5p"), "pylf_v1_us_any"),
    ("together-key", ("tgp_v1_", "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9jK2mN5p"), "tgp_v1_short"),
    ("fireworks-key", ("fw_", "aB3dE6gH9jK2mN5pQ8sT1vW4"), "fw_version and fw_abcdefghijklmnopqrstuvwx"),
    ("jina-key", ("jina_", "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6"), "jina_embeddings_v3"),
    ("cerebras-key", ("csk-", "a1b2c3d4e5f6g7h8i9j0k1l2m3a1b2c3d4e5f6g7h8i9j0k1"), "csk-short"),
    ("firecrawl-key", ("fc-", "0123456789abcdef0123456789abcdef"), "fc-0123"),
    ("runpod-key", ("rpa_", "A1B2C3D4E5F6G7H2J7K5L4M3N6A1B2C3D4E5F6G7H2"), "rpa_robot"),
    ("e2b-key", ("e2b_", "0123456789abcdef0123456789abcdef01234567"), "e2b_sandbox"),
    ("llamacloud-key", ("llx-", "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9jK2mN5pQ8sT1"), "llx-short"),
    ("elevenlabs-key", ("sk_", "0123456789abcdef0123456789abcdef0123456789abcdef"), "sk_0123"),
    ("gcp-api-key", ("AQ.Ab", "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9jK2mN5pQ8sT1vW"), "AQ.Ab8"),
    ("apify-token", ("apify_api_", "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9"), "apify_api_client"),
    ("kaggle-token", ("KGAT_", "0123456789abcdef0123456789abcdef"), "KGAT_1"),
    ("wandb-key", ("wandb_v1_", "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9jK2mN5p"), "wandb_v1_run"),
    ("openai-key", ("sess-", "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9jK2m"), "sess-0123"),
    ("baidu-key", ("bce-v3/ALTAK-", "aB3dE6gH9jK2mN5pQ8sT1/0123456789abcdef0123456789abcdef01234567"), "bce-v3/ALTAK-x/y"),
    ("gcp-oauth-token", ("1//0", "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6"), "1//0 and https://1//0x"),
    ("gcp-hmac-key", ("GOOG1", "EABCDEFGHIJKLMNOPQRSTUVWXYZ234567ABCDEFGHIJKLMNOPQRSTUVWXYZ"), "GOOG1 class"),
    ("aws-session-token", ("IQoJb3JpZ2luX2Vj", "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9jK2"), "IQoJb3JpZ2luX2Vj"),
    ("aws-mws-key", ("amzn.mws.", "01234567-89ab-cdef-0123-456789abcdef"), "amzn.mws.orders"),
    ("amazon-oauth-secret", ("amzn1.oa2-cs.v1.", "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"), "amzn1.oa2-cs.v1.x"),
    ("aws-appsync-key", ("da2-", "a1b2c3d4e5f6g7h8i9j0k1l2m3"), "da2-short"),
    ("tencent-key", ("AKID", "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE"), "AKID short"),
    ("digitalocean-spaces-key", ("DO00", "A1B2C3D4E5F6G7H2"), "DO00 done"),
    ("vercel-token", ("vercel_blob_rw_", "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9jK2m"), "vercel_blob_rw_token"),
    ("aiven-password", ("AVNS_", "aB3dE6gH9jK2mN5pQ8s"), "AVNS_x"),
    ("bitbucket-token", ("BBDC-", "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9jK2mN5pQ"), "BBDC-1"),
    ("circleci-token", ("CCIPAT_", "aB3dE6gH9jK2mN5pQ8sT1v_0123456789abcdef0123456789abcdef01234567"), "CCIPAT_x"),
    ("sonar-token", ("sqp_", "0123456789abcdef0123456789abcdef01234567"), "sqp_x"),
    ("buildkite-token", ("bkua_", "0123456789abcdef0123456789abcdef01234567"), "bkua_x"),
    ("nuget-key", ("oy2", "a1b2c3d4e5f6g7h8i9j0k1l2m3a1b2c3d4e5f6g7h8i"), "oy2 short"),
    ("netlify-token", ("nfp_", "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9"), "nfp_x"),
    ("render-key", ("rnd_", "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7a"), "rnd_seed"),
    ("neon-key", ("napi_", "a1b2c3d4e5f6g7h8i9j0k1l2m3a1b2c3d4e5f6g7h8i9j0k1l2m3a1b2c3d4e5f6"), "napi_env and npg_x"),
    ("mongodb-atlas-key", ("mdb_sa_sk_", "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9jK2m"), "mdb_sa_sk_x"),
    ("portainer-token", ("ptr_", "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9jK2mN5p="), "ptr_to_object"),
    ("launchdarkly-key", ("sdk-", "01234567-89ab-cdef-0123-456789abcdef"), "sdk-node"),
    ("contentful-token", ("CFPAT-", "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9jK2mN5p"), "CFPAT-x"),
    ("dbt-token", ("dbtc_", "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9"), "dbtc_x"),
    ("n8n-key", ("n8n_api_", "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9jK2m"), "n8n_api_key"),
    ("fauna-key", ("fnA", "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9j"), "fnA and FNA"),
    ("snyk-token", ("snyk_uat.", "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9jK2m"), "snyk_uat.x"),
    ("infisical-token", ("st.", "01234567-89ab-cdef-0123-456789abcdef.0123456789abcdef0123456789abcdef.0123456789abcdef0123456789abcdef"), "st.method.x"),
    ("riot-key", ("RGAPI-", "01234567-89ab-cdef-0123-456789abcdef"), "RGAPI-x"),
    ("wakatime-key", ("waka_", "01234567-89ab-cdef-0123-456789abcdef"), "waka_time"),
    ("rootly-key", ("rootly_", "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"), "rootly_x"),
    ("resend-key", ("re_", "aB3dE6gH_aB3dE6gH9jK2mN5pQ8sT1vW4"), "re_compile_pattern"),
    ("mailersend-key", ("mlsn.", "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"), "mlsn.x"),
    ("sendinblue-key", ("xsmtpsib-", "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef-aB3dE6gH9jK2mN5p"), "xsmtpsib-x"),
    ("posthog-key", ("phx_", "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9jK2mN5p"), "phx_new"),
    ("woocommerce-key", ("cs_", "0123456789abcdef0123456789abcdef01234567"), "cs_test and ck_0123"),
    ("zoho-token", ("1000.", "0123456789abcdef0123456789abcdef.0123456789abcdef0123456789abcdef"), "1000.50"),
    ("clickup-token", ("pk_", "1234567_A1B2C3D4E5F6G7H2J7K5L4M3N6A1B2C3"), "pk_1234567"),
    ("trello-token", ("ATTA", "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef01234567"), "ATTA 12"),
    ("salesforce-token", ("00D", "aB3dE6gH9jK2!AQaB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9"), "00D1"),
    ("braintree-token", ("access_token$production$", "a1b2c3d4e5f6g7h8$0123456789abcdef0123456789abcdef"), "access_token$x"),
    ("paypal-token", ("A21AA", "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9"), "A21AA"),
    ("discord-token", ("mfa.", "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3"), "mfa.enabled"),
    ("matrix-token", ("syt_", "YWxpY2U_aB3dE6gH9jK2mN5pQ8sT_aB3dE6"), "syt_x"),
    ("newrelic-key", ("NRIQ-", "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE"), "NRIQ-1"),
    ("honeycomb-key", ("hcaik_01", "a1b2c3d4e5f6g7h8i9j0k1l2m3a1b2c3d4e5f6g7h8i9j0k1l2m3a1b2"), "hcaik_01x"),
    ("twitter-token", ("AAAAAAAAAAAAAAAAAAAAA", "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9jK2mN5pQ8sT1vW4yZ"), "AAAAAAAAAAAAAAAAAAAAAAAA"),
    ("okta-token", ("SSWS 00", "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9jK2m"), "SSWS 00"),
    ("age-secret-key", ("AGE-SECRET-KEY-PQ-1", "A1B2C3D4E5F6G7H2J7K5L4M3N6A1B2C3D4E5F6G7H2J7K5L4M3N6A1B2C3"), "AGE-SECRET-KEY-PQ-1X"),
    ("bip32-key", ("xprv", "9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPPqjiChkVvvNKmPGJxWUtg6LnF5kejMRNNU3TGtRBeJgk33yuGBxrMPHi"), "xprv1"),
    ("nostr-key", ("nsec1", "qpzry9x8gf2tvdw0s3jn54khce6mua7lqpzry9x8gf2tvdw0s3jn54khce"), "nsec1 and nsec10"),
    ("password-hash", ("$2b$12$", "R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW"), "$2b$12$short"),
    ("command-password", ("mysql -u root -h db -", "pS3cret99 shop"), "mysql -u root -p -h db, mysql -P 3306"),
    ("command-password", ("mysqldump --all-databases -u root -p'", "S3cret99' > x"), "mkdir -p mysql/data"),
    ("command-password", ("sshpass -p ", "S3cret99 ssh x"), "sshpass -f file"),
    ("command-password", ("docker login -u bob -p ", "S3cret99 registry.example.com"), "docker run -p 80:80 login"),
    ("command-password", ("az login --service-principal -u x -p ", "S3cret99"), "az login -t tenant"),
    ("command-password", ("mongosh -u admin -p ", "S3cret99"), "mongosh --port 27017"),
    ("command-password", ("redis-cli -h cache -a ", "S3cret99 ping"), "redis-cli -h cache ping; cp -a x y"),
    ("command-password", ("sqlcmd -S db -U sa -P ", "S3cret99"), "sqlcmd -S db -p 1433"),
    ("command-password", ("ldapsearch -x -D cn=admin -w ", "S3cret99"), "ldapsearch -x -h host"),
    ("command-password", ("zip -r -P ", "S3cret99 a.zip b"), "zip -r a.zip b"),
    ("command-password", ("smbclient //host/x -U bob%", "S3cret99"), "smbclient //host/x -U bob"),
    ("command-password", ("curl -sSLu bob:", "S3cret99 https://x"), "curl -L https://x:443/y"),
    ("netrc-password", ("machine example.com login bob password ", "S3cret99"), "machine learning login page password reset"),
    ("pgpass-password", ("db:5432:shop:bob:", "S3cret99"), "10.0.0.1:5432: connection refused"),
    ("basic-auth", ("//registry.example.com/:_auth=", "Ym9iOlMzY3JldDk5"), "need_auth=maybe"),
    ("request-signature", ("X-Goog-Signature=", "0123456789abcdef0123456789abcdef0123456789abcdef"), "Signature=short"),
    ("request-signature", ("uri=\"/x\", response=\"", "6629fae49393a05397450978507c4ef1\""), "response=\"ok\""),
    ("saml-assertion", ("SAMLResponse=", "PHNhbWxwOlJlc3BvbnNlIHhtbG5zOnNhbWxwPSJ1cm46b2FzaXM6bmFtZXM"), "SAMLResponse=none"),
    ("kerberos-ticket", ("Negotiate ", "YIIFhQYGKwYBBQUCoIIFeTCCBXWgGDAWBgkqhkiC9xIBAgI"), "negotiate yields of bonds"),
    ("oauth-code", ("https://x/cb?code=", "4P7q7W91aXoMsCeLvIaQm6bTrgtp7&state=x"), "?code=404 and ?code=error-not-found-anywhere"),
    ("url-password", ("https://", "x7Hk2mQpX9vLw3RtY5zNc8BdF@git.example.com/x"), "https://a-user-without-any-token@git.example.com/x"),
    ("seed-phrase", ("mnemonic: ", "legal winner thank year wave sausage worth useful legal winner thank yellow"), "mnemonic: a word that helps people to remember the order of things"),
    ("private-key", ("LS0tLS1CRUdJTi", "BSU0EgUFJJVkFURSBLRVktLS0tLQpNSUlFb3dJQkFBS0NBUUVB"), "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0t"),
    ("private-key", ("-----BEGIN OpenVPN ", "Static key V1-----\n0123\n-----END OpenVPN Static key V1-----"), "OpenVPN Static key V1"),
    ("private-key", ("---- BEGIN SSH2 ", "ENCRYPTED PRIVATE KEY ----\nAAAA\n---- END SSH2 ENCRYPTED PRIVATE KEY ----"), "---- BEGIN SSH2 PUBLIC KEY ----"),
    ("azure-key", ("aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9jK2mN5pQ8sT1vW4y", "JQQJ99AAaB3dE6gH9jK2mN5pQ8sT1vW4yZ"), "JQQJ99AAaB3"),
    ("azure-key", ("aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9jK2mN5pQ8sT1v", "+AStaB3dEA=="), "x+AStaB3dEA=="),
    ("azure-key", ("aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6", "AIoTBaB3dE="), "AIoT devices"),
    ("azure-key", ("aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6", "AzCaBaB3dE="), "AzCaBaB3dE="),
    ("azure-key", ("aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9jK2mN5", "AzSeAaB3dE"), "AzSeAaB3dE"),
    ("azure-key", ("aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9jK2mN5pQ", "AzFuaB3dEA=="), "AzFuaB3dEA=="),
    ("kubernetes-secret", ("apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\ndata:\n  ", "DATABASE: cG9zdGdyZXM=\n  x: |\n    eQ=="), "kind: ExternalSecret\ndata:\n  x: y\n---\nkind: ConfigMap\ndata:\n  HOST: db"),
    ("iban", ("NI", "45BAPR00000013000003558124"), "NI45BAPR00000013000003558125"),
    ("jwt", ("eyJhbGciOiJIUzI1NiJ9.", "eyJzdWIiOiIxMjM0NTY3ODkwIn0"), "eyJhbGciOiJIUzI1NiJ9.end"),
    ("jwt", ("ZXlK", "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9jK2mN5pQ8sT1vW4yZ"), "ZXlKaGJHY2lPaUpJVXpJMU5pSjk"),
    ("basic-auth", ("curl -u elastic:", "P@ssw0rd1"), "docker run -u 1000:1000 and --user $NAME:$WORD"),
    ("basic-auth", ("curl --user 'api:", "d2LkV78zLx!t"), "--user=name --group=x"),
    ("basic-auth", ("curl --user kevin:'", "pRf7vG2h1L8nQkW9'"), "--user 'kevin':''"),
    ("basic-auth", ("curl -u \"d2LkV78", "zLx!t:\" https://localhost"), "docker run -u postgres-administrators: x, -u 1000: y"),
    ("jwt", ("eyJ", "hbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"), "eyJhbGciOiJIUzI1NiJ9 alone"),
    ("connection-string", ("postgres", "://app:hunter2@db.internal:5432/app"), "postgres://app@db.internal:5432/app"),
    ("connection-string", ("redis", "://:hunter2@cache:6379/0"), "redis://cache:6379/0"),
    ("connection-string", ("mongodb+srv", "://u:p@ss:word@cluster0.example.net"), "mongodb+srv://cluster0.example.net"),
    ("url-password", ("https", "://deploy:hunter2@git.example.com/x.git"), "https://example.com:8443/path?at=a@b"),
    ("bearer-token", ("Bearer", " mF_9.B5f-4.1JqM"), "bearer certificates of deposit"),
    ("basic-auth", ("Basic", " YWxhZGRpbjpvcGVuc2VzYW1l"), "basic YWxhZGRpbg education"),
    ("email", ("ada.lovelace+notes", "@example.co.uk"), "@mention of user@localhost"),
    ("email", ("jörg.müller", "@straße.example.de"), "left @ right.example"),
    ("phone", ("tel:", "0301234567"), "tel:none"),
    ("phone", ("+49", " 30 1234-5678"), "+49 only"),
    ("phone", ("(212", ") 555-0123"), "(212) 55-0123"),
    ("phone", ("1-800", "-555-0199"), "2025-11-22 17:28:00.123"),
    ("card", ("4111", " 1111 1111 1111"), "4111 1111 1111 1112"),
    ("card", ("3782", "-822463-10005"), "3782-822463-10006"),
    ("card", ("55555555", "55554444"), "1763832480123456789"),
    ("iban", ("DE89", " 3704 0044 0532 0130 00"), "DE88 3704 0044 0532 0130 00"),
    ("iban", ("GB82", "WEST12345698765432"), "GB82WEST12345698765433"),
    ("ssn", ("078", "-05-1120"), "666-05-1120 and 078-05-11201"),
];

#[test]
fn every_rule_hides_what_it_is_for() {
    for (rule, (head, tail), _) in CASES {
        let secret = format!("{head}{tail}");
        let result = redacted(&format!("before {secret} after"));
        assert!(
            result.contains(&format!("[REDACTED:{rule}]")),
            "{rule}: {result}"
        );
        assert!(
            !result.contains(&secret) && !result.contains(tail),
            "{rule}: {result}"
        );
    }
}

#[test]
fn what_only_looks_like_a_secret_stays() {
    for (rule, _, near_miss) in CASES {
        assert_eq!(redacted(near_miss), *near_miss, "{rule}");
    }
}

#[test]
fn every_rule_has_a_case() {
    let tested: BTreeSet<&str> = CASES.iter().map(|(rule, ..)| *rule).collect();
    assert_eq!(tested, rules::names().collect());
}

#[test]
fn the_text_around_a_hit_stays() {
    assert_eq!(
        redacted("Write to ada@example.com, or call +1 212 555 0123."),
        "Write to [REDACTED:email], or call [REDACTED:phone]."
    );
    assert_eq!(
        redacted("postgres://app:hunter2@db:5432/app"),
        "postgres://app:[REDACTED:connection-string]@db:5432/app"
    );
}

#[test]
fn overlapping_hits_leave_nothing_between_them() {
    let key = format!("{}{}", "gh", "p_16C7e42F292c6912E7710c838347Ae178B4a");
    let result = redacted(&format!("https://ci:{key}@mail@example.com/"));
    assert!(
        !result.contains(&key) && !result.contains("p_16C7"),
        "{result}"
    );
}

#[test]
fn identifiers_and_measurements_are_not_personal_data() {
    for text in [
        "550e8400-e29b-41d4-a716-446655440000",
        "4bf92f3577b34da6a3ce929d0e0e4736",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "019ac0d2-7f10-7000-8000-000000000000",
        "took 0.4111111111111111 s of 1763832480123",
        "192.168.178.123:5432 answered 200 in 12.5 ms",
        "2026-11-22T17:37:52.123456789+01:00",
        "+0.123456789, -12.50, 1e10, 3.14159265358979",
        "commit e83c5163316f89bfbde7d9ab23ca2e25604af290",
        "version 2.12.2, lines 100-200-3000",
    ] {
        assert_eq!(redacted(text), text);
    }
}
