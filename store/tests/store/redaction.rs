//! Which rules all of an execution has passed.

use orcheo_store::{
    Op, Store, StoreSettings,
    models::rewrite::{self, Outdated, Selection},
    testing::{NewRun, TestDatabase, ended},
};
use serde_json::{Value, json};

use crate::row;

async fn store(database: &TestDatabase, redaction: Option<&str>) -> Store {
    let settings = StoreSettings {
        redaction: redaction.map(str::to_owned),
        ..database.settings()
    };
    Store::connect(settings).await.unwrap()
}

async fn passed(database: &TestDatabase) -> Value {
    row(database, "SELECT redaction FROM execution_rollups").await["redaction"].take()
}

async fn write(store: &Store, run: &NewRun, number: u32) {
    let span = Box::new(ended(number));
    let write = run.write(Op::SpanEnded { span, step: None });
    store.writer().submit_acked(write).await.unwrap();
}

#[tokio::test]
async fn an_execution_has_passed_the_rules_that_all_who_wrote_it_have() {
    let database = TestDatabase::new().await;
    let (first, second) = (
        store(&database, Some("1-a")).await,
        store(&database, Some("1-b")).await,
    );
    let run = NewRun::claimed(&first).await;
    write(&first, &run, 1).await;
    assert_eq!(passed(&database).await, json!("1-a"));
    write(&second, &run, 2).await;
    assert_eq!(passed(&database).await, Value::Null, "each wrote a part");
    write(&first, &run, 3).await;
    assert_eq!(passed(&database).await, Value::Null);
}

#[tokio::test]
async fn what_nobody_knows_the_rules_of_is_outdated_until_it_is_marked() {
    let database = TestDatabase::new().await;
    let unknown = store(&database, None).await;
    let run = NewRun::claimed(&unknown).await;
    let mut connection = database.connection().await;
    let selection = Selection {
        workspace: "default".to_owned(),
        passed: Some("1".to_owned()),
    };
    assert_eq!(selection.count(&mut connection).await.unwrap(), 1);
    let [found] = selection.after(&mut connection, None, 10).await.unwrap()[..] else {
        panic!("one is outdated")
    };
    assert_eq!(found.execution_id, run.execution_id);
    write(&unknown, &run, 1).await;
    assert!(
        !rewrite::mark(&mut connection, found, "1").await.unwrap(),
        "it was written meanwhile"
    );
    let now = Outdated {
        revision: found.revision + 1,
        ..found
    };
    assert!(rewrite::mark(&mut connection, now, "1").await.unwrap());
    assert_eq!(selection.count(&mut connection).await.unwrap(), 0);
    let all = Selection {
        passed: None,
        ..selection
    };
    assert_eq!(all.count(&mut connection).await.unwrap(), 1);
}
