//! Who gets in where: every route without, with a wrong and with the right token, by header and by cookie.

use orcheo_store::testing::Trace;
use reqwest::{
    Method, RequestBuilder, StatusCode,
    header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, SET_COOKIE, WWW_AUTHENTICATE},
};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use crate::support::{Options, Server, Socket};

const TOKEN: &str = "correct horse battery staple";

async fn guarded() -> Server {
    Server::with(Options {
        token: Some(TOKEN),
        ..Options::default()
    })
    .await
}

async fn sign_in(server: &Server) -> String {
    let answer = server
        .post("/api/session")
        .json(&json!({"token": TOKEN}))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let cookie = answer.headers()[SET_COOKIE].to_str().unwrap();
    for attribute in ["HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    cookie.split(';').next().unwrap().to_owned()
}

#[tokio::test]
async fn every_route_but_health_and_pages_asks_for_the_token() {
    let server = guarded().await;
    let cookie = sign_in(&server).await;
    // The routes that the description has, and those that are not REST.
    let description = serde_json::to_value(orcheo_api::openapi()).unwrap();
    let mut routes: Vec<(Method, String)> = vec![
        (Method::POST, "/graphql".into()),
        (Method::GET, "/api/openapi.json".into()),
    ];
    for (path, methods) in description["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            let path = path.replace(['{', '}'], "");
            routes.push((method.to_uppercase().parse().unwrap(), path));
        }
    }
    let open = |path: &str| matches!(path, "/healthz" | "/readyz" | "/api/session");
    assert!(routes.len() > 10 && routes.iter().any(|(_, path)| path == "/metrics"));
    for (method, path) in routes.into_iter().filter(|(_, path)| !open(path)) {
        let request = || {
            let body = json!({"query": "{ nodeTypes { name } }"}).to_string();
            server
                .request(method.clone(), &path)
                .header(CONTENT_TYPE, "application/json")
                .body(body)
        };
        let status = async |request: RequestBuilder| request.send().await.unwrap().status();
        for refused in [
            request(),
            request().header(AUTHORIZATION, "Bearer wrong"),
            request().header(AUTHORIZATION, format!("Basic {TOKEN}")),
            request().header(COOKIE, "orcheo_trace_session=forged"),
            request()
                .header(AUTHORIZATION, "Bearer wrong")
                .header(COOKIE, &cookie),
        ] {
            let answer = refused.send().await.unwrap();
            assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{method} {path}");
            assert_eq!(
                answer.headers()[WWW_AUTHENTICATE],
                "Bearer",
                "{method} {path}"
            );
            assert!(
                answer.text().await.unwrap().contains("UNAUTHENTICATED"),
                "{method} {path}"
            );
        }
        for accepted in [
            request().bearer_auth(TOKEN),
            request().header(COOKIE, &cookie),
        ] {
            assert_ne!(
                status(accepted).await,
                StatusCode::UNAUTHORIZED,
                "{method} {path}"
            );
        }
    }
}

#[tokio::test]
async fn health_and_pages_need_no_token() {
    let server = guarded().await;
    for path in ["/healthz", "/readyz", "/api/session"] {
        let answer = server.get(path).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
    }
    // Without its web assets the program says so instead.
    for page in [
        "/",
        "/workflows",
        "/workflows/a/trace",
        "/traces/0af7651916cd43dd8448eb211c80319c",
        "/graphiql",
    ] {
        let answer = server.get(page).send().await.unwrap();
        assert_ne!(answer.status(), StatusCode::UNAUTHORIZED, "{page}");
        let media_type = answer.headers()[CONTENT_TYPE].to_str().unwrap().to_owned();
        assert_eq!(media_type, "text/html; charset=utf-8", "{page}");
    }
}

#[tokio::test]
async fn a_session_is_opened_told_and_closed() {
    let server = guarded().await;
    let state = async |request: RequestBuilder| {
        request.send().await.unwrap().json::<Value>().await.unwrap()
    };
    let asked = state(server.get("/api/session")).await;
    assert_eq!(asked, json!({"required": true, "authenticated": false}));
    for body in [json!({"token": "wrong"}), json!({"token": ""})] {
        let answer = server
            .post("/api/session")
            .json(&body)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(answer.headers().get(SET_COOKIE), None);
    }
    let answer = server
        .post("/api/session")
        .json(&json!({}))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);

    let cookie = sign_in(&server).await;
    let asked = state(server.get("/api/session").header(COOKIE, &cookie)).await;
    assert_eq!(asked, json!({"required": true, "authenticated": true}));
    let answer = server
        .request(Method::DELETE, "/api/session")
        .header(COOKIE, &cookie)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::NO_CONTENT);
    assert!(
        answer.headers()[SET_COOKIE]
            .to_str()
            .unwrap()
            .contains("Max-Age=0")
    );
}

#[tokio::test]
async fn without_a_token_everything_is_open() {
    let server = Server::start().await;
    let asked: Value = server
        .get("/api/session")
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(asked, json!({"required": false, "authenticated": true}));
    assert_eq!(
        server.get("/api/executions").send().await.unwrap().status(),
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_socket_is_let_in_by_its_payload_its_header_or_its_cookie() {
    let server = guarded().await;
    let cookie = sign_in(&server).await;
    let upgrade = || server.upgrade().with_sub_protocol("graphql-transport-ws");
    let bearer = format!("Bearer {TOKEN}");
    for (request, payload) in [
        (upgrade(), json!({"token": TOKEN})),
        (upgrade(), json!({"Authorization": bearer})),
        (upgrade().with_header("authorization", &bearer), Value::Null),
        (upgrade().with_header("cookie", &cookie), json!({})),
    ] {
        let mut socket = Socket::connect(request).await.unwrap();
        socket
            .say(json!({"type": "connection_init", "payload": payload}))
            .await;
        assert_eq!(socket.hear().await, json!({"type": "connection_ack"}));
        socket.subscribe("{ nodeTypes { name } }", json!({})).await;
        assert!(socket.next().await["nodeTypes"].is_array());
    }
    for (request, payload) in [
        (upgrade(), json!({})),
        (
            upgrade().with_header("authorization", "Bearer wrong"),
            json!({}),
        ),
        (
            upgrade().with_header("cookie", &cookie),
            json!({"token": "wrong"}),
        ),
    ] {
        let mut socket = Socket::connect(request).await.unwrap();
        socket
            .say(json!({"type": "connection_init", "payload": payload}))
            .await;
        assert_eq!(socket.closed().await.code, CloseCode::from(4403));
    }
}

#[tokio::test]
async fn what_the_token_guards_is_not_told_by_the_status() {
    let server = guarded().await;
    let known = Trace::begun(&server.store).await.run.execution_id;
    for id in [known.to_string(), "unknown".to_owned()] {
        let answer = server
            .get(&format!("/api/executions/{id}"))
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{id}");
    }
}
