use orcheo_api::graphql::limits::Limits;
use orcheo_store::testing::{Trace, below, ended};
use serde_json::json;

use crate::support::Api;

#[tokio::test]
async fn a_request_that_asks_for_too_much_is_refused_before_anything_is_read() {
    let api = Api::new().await;
    let long = format!("{{ nodeTypes {{ name }} }} # {}", "x".repeat(200_000));
    let aliases: String = (0..200)
        .map(|n| format!("a{n}: nodeTypes {{ name }} "))
        .collect();
    let deep = format!(
        "{{ node(id: \"x\") {{ ... on Span {{ {} id {} }} }} }}",
        "parent { ".repeat(50),
        "}".repeat(50)
    );
    for query in [long, format!("{{ {aliases} }}"), deep] {
        let answer = api.answer(&query, json!({})).await;
        assert_eq!(
            answer["errors"][0]["extensions"]["code"],
            json!("LIMIT_EXCEEDED"),
            "{answer}"
        );
        assert_eq!(answer.get("data"), None);
    }
}

#[tokio::test]
async fn pages_that_multiply_beyond_the_limit_on_rows_are_refused() {
    let api = Api::with_limits(Limits {
        rows: 30,
        ..Limits::default()
    })
    .await;
    let trace = Trace::begun(api.store()).await;
    let leaves = (0..10)
        .flat_map(|parent| (0..5).map(move |leaf| below(10 + parent, 100 + parent * 10 + leaf)));
    trace
        .spans(
            (10..20)
                .map(|number| below(1, number))
                .chain(leaves)
                .chain([ended(1)]),
        )
        .await;
    let id = json!({ "id": trace.run.execution_id });
    let query = |width: usize| {
        format!(
            "query ($id: ID!) {{ execution(executionId: $id) {{ rootSpan {{ children {{ nodes {{ \
             children(first: {width}) {{ nodes {{ spanId }} }} }} }} }} }} }}"
        )
    };
    api.query(&query(2), id.clone()).await;
    let answer = api.answer(&query(5), id).await;
    assert_eq!(
        answer["errors"][0]["extensions"]["code"],
        json!("LIMIT_EXCEEDED")
    );
    assert_eq!(answer["data"]["execution"]["rootSpan"], json!(null));
}

#[tokio::test]
async fn introspection_as_graphiql_does_it_is_within_the_limits() {
    let api = Api::new().await;
    let mut of_type = "kind name".to_owned();
    for _ in 0..9 {
        of_type = format!("kind name ofType {{ {of_type} }}");
    }
    let query = format!(
        "query {{ __schema {{ queryType {{ name }} types {{ ...T }} directives {{ name args {{ ...V }} }} }} }}
         fragment T on __Type {{ kind name fields(includeDeprecated: true) {{ name args {{ ...V }} type {{ ...R }} }}
         inputFields {{ ...V }} interfaces {{ ...R }} enumValues {{ name }} possibleTypes {{ ...R }} }}
         fragment V on __InputValue {{ name type {{ ...R }} defaultValue }} fragment R on __Type {{ {of_type} }}"
    );
    let data = api.query(&query, json!({})).await;
    assert_eq!(data["__schema"]["queryType"]["name"], json!("Query"));
}
