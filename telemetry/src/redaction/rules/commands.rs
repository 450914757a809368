//! Passwords where programs take them: on command lines, in files of their own, and in requests.

use super::{Rule, checked, embedded, token};
use crate::redaction::validators::{basic_credentials, generated, password};

/// The marker of passwords that a command line gives.
const COMMAND: &str = "command-password";

#[rustfmt::skip]
pub(super) const RULES: &[Rule] = &[
    // The flags of one program mean other things to others: the name of the program comes first.
    token(COMMAND, &["mysql", "mariadb"],
        r#"(?i:mysql|mariadb)[a-z-]{0,9}(?:[ \t]+[^\s|;&]{1,80}){0,12}?[ \t]+-p["']?([^\s"'|;&-][^\s"'|;&]*)"#),
    token(COMMAND, &["sshpass"], r#"sshpass[ \t]+-p[ \t]{0,4}["']?([^\s"']{3,})"#),
    token(COMMAND, &["docker ", "podman ", "helm ", "nerdctl ", "oras ", "skopeo ", "buildah "],
        r#"[a-z]{4,8}[ \t]+(?:registry[ \t]+)?login(?:[ \t]+[^\s|;&]{1,80}){0,8}?[ \t]+-p[ \t]{0,4}["']?([^\s"'-][^\s"']*)"#),
    token(COMMAND, &["az login"], r#"az login(?:[ \t]+[^\s|;&]{1,80}){0,8}?[ \t]+-p[ \t]{0,4}["']?([^\s"'-][^\s"']*)"#),
    token(COMMAND, &["mongo", "mongosh", "mongodump", "mongorestore", "mongoimport", "mongoexport"],
        r#"mongo[a-z]{0,8}(?:[ \t]+[^\s|;&]{1,200}){0,8}?[ \t]+-p[ \t]{0,4}["']?([^\s"'-][^\s"']*)"#),
    token(COMMAND, &["redis-cli"], r#"redis-cli(?:[ \t]+[^\s|;&]{1,80}){0,8}?[ \t]+-a[ \t]{0,4}["']?([^\s"'-][^\s"']*)"#),
    token(COMMAND, &["sqlcmd", "bcp "], r#"(?:sqlcmd|bcp)(?:[ \t]+[^\s|;&]{1,80}){0,12}?[ \t]+-P[ \t]{0,4}["']?([^\s"'-][^\s"']*)"#),
    token(COMMAND, &["ldapsearch", "ldapmodify", "ldapadd", "ldapdelete", "ldapwhoami", "ldappasswd"],
        r#"ldap[a-z]{3,8}(?:[ \t]+[^\s|;&]{1,120}){0,12}?[ \t]+-w[ \t]{0,4}["']?([^\s"'-][^\s"']*)"#),
    token(COMMAND, &["zip "], r#"zip(?:[ \t]+[^\s|;&]{1,80}){0,6}?[ \t]+-P[ \t]{0,4}["']?([^\s"'-][^\s"']*)"#),
    token(COMMAND, &["smbclient"], r#"smbclient(?:[ \t]+[^\s|;&]{1,120}){0,8}?[ \t]+-U[ \t]{0,4}["']?[^\s%"']{1,64}%([^\s"']+)"#),
    checked(COMMAND, &["curl "],
        r#"curl(?:[ \t]+[^\s|;&]{1,300}){0,16}?[ \t]+(?:-[A-Za-z]{0,5}[uU]|--proxy-user)[ \t=]{0,4}["']?[^\s"':/]{1,64}:([^\s"'$][^\s"']{2,})"#, password),
    embedded(COMMAND, &["identified by"], r#"(?i:IDENTIFIED BY)\s{1,4}(?i:PASSWORD\s{1,4})?['"]([^'"\s]{3,})['"]"#),
    token(COMMAND, &["sqlplus "], r#"sqlplus[ \t]+[A-Za-z0-9_$#]{1,64}/([^\s@"']{3,128})@"#),
    embedded(COMMAND, &[":thin:"], r#":thin:[A-Za-z0-9_$#]{1,64}/([^\s@"']{3,128})@"#),
    // Files of credentials.
    token("netrc-password", &["machine "],
        r"machine\s{1,8}[A-Za-z0-9-]{1,64}\.\S{1,200}\s{1,8}login\s{1,8}\S{1,200}\s{1,8}password\s{1,8}(\S+)"),
    embedded("pgpass-password", &[":5432:"], r":5432:[^:\s/]{1,64}:[^:\s/]{1,64}:([^\s:]{3,})"),
    checked("basic-auth", &["_auth="], r#"_auth="?([A-Za-z0-9+/]{8,}={0,2})"#, basic_credentials),
    // Requests and what signs them.
    token("request-signature", &["x-goog-signature=", "signature="], r"(?i:(?:x-goog-)?signature)=([A-Za-z0-9%+/_~-]{43,}={0,2})"),
    token("request-signature", &["response=\""], r#"response="([a-f0-9]{32,128})""#),
    token("saml-assertion", &["samlresponse=", "samlrequest="], r"(?i:SAML(?:Response|Request))=([A-Za-z0-9%+/=]{40,})"),
    token("kerberos-ticket", &["negotiate yii", "ntlm tlrmtvntuaad"], r"(?i:negotiate|ntlm)[ ]((?:YII|TlRMTVNTUAAD)[A-Za-z0-9+/=]{20,})"),
    Rule { accept: generated, ..embedded("oauth-code", &["?code=", "&code="], r"[?&]code=([A-Za-z0-9%._/-]{20,})") },
    Rule { accept: generated, ..embedded("url-password", &["://"], r#"://([^\s/?#@:"'<>\\]{20,255})@"#) },
    // Phrases that a wallet is made of; what stands before them tells them from a sentence.
    embedded("seed-phrase", &["mnemonic", "seed phrase", "seed_phrase", "seedphrase", "seed words", "recovery phrase", "recovery_phrase"],
        r#"(?i:mnemonic|seed[ _]?phrase|seed words|recovery[ _]phrase)(?:[ ]is)?["']?[ \t]{0,4}[:=]?[ \t]{0,4}["'`]?((?:[a-z]{3,8}[ ]){11,23}[a-z]{3,8})"#),
    // The base64 of a key in PEM form, at its three alignments.
    token("private-key", &["ls0tls1crudjti"],
        r"LS0tLS1CRUdJTi[A-Za-z0-9+/]{0,60}?(?:UFJJVkFURSBLRV|BSSVZBVEUgS0VZ|QUklWQVRFIEtFW)[A-Za-z0-9+/=]+"),
    embedded("private-key", &["-----begin openvpn static key"],
        r"-----BEGIN OpenVPN Static key V1-----(?s:.*?)(?:-----END OpenVPN Static key V1-----|\z)"),
    embedded("private-key", &["---- begin ssh2 encrypted private key"],
        r"---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----(?s:.*?)(?:---- END SSH2 ENCRYPTED PRIVATE KEY ----|\z)"),
];
