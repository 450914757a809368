//! Workflows and their versions.

use futures::future::join_all;
use orcheo_store::{
    models::workflows::{NewVersion, Workflow, WorkflowVersion},
    testing::TestDatabase,
};

const fn version<'a>(source: &'a str, name: &'a str) -> NewVersion<'a> {
    NewVersion {
        workflow_id: "flow",
        name,
        definition: r#"{"nodes":[]}"#,
        source,
    }
}

#[tokio::test]
async fn the_same_content_is_the_same_version() {
    let database = TestDatabase::new().await;
    let store = database.store().await;
    let mut connection = store.write().await.unwrap();
    let mut numbers = Vec::new();
    for source in ["one", "one", "two", "one"] {
        let (workflow, saved) = Workflow::save(&mut connection, "default", version(source, source))
            .await
            .unwrap();
        assert_eq!(workflow.current_version, saved.version);
        assert_eq!(saved.source, source);
        numbers.push(saved.version);
    }
    assert_eq!(
        numbers,
        [1, 1, 2, 1],
        "and saving an old one makes it current again"
    );
    let current = WorkflowVersion::get(&mut connection, "default", "flow", None)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (current.version, current.definition.as_str()),
        (1, r#"{"nodes":[]}"#)
    );
    let second = WorkflowVersion::get(&mut connection, "default", "flow", Some(2))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(second.source, "two");
    assert_eq!(
        WorkflowVersion::get(&mut connection, "default", "flow", Some(3))
            .await
            .unwrap(),
        None
    );
    assert_eq!(
        WorkflowVersion::get(&mut connection, "other", "flow", None)
            .await
            .unwrap(),
        None
    );
}

#[tokio::test]
async fn versions_saved_at_once_get_different_numbers() {
    let database = TestDatabase::new().await;
    let sources: Vec<String> = (0..10).map(|number| format!("source {number}")).collect();
    let saves = sources.iter().map(|source| async {
        let mut connection = database.connection().await;
        Workflow::save(&mut connection, "default", version(source, "Flow"))
            .await
            .unwrap()
            .1
            .version
    });
    let mut numbers = join_all(saves).await;
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=10).collect::<Vec<_>>());
}

#[tokio::test]
async fn an_external_workflow_has_no_version_until_one_is_saved() {
    let database = TestDatabase::new().await;
    let store = database.store().await;
    let mut connection = store.write().await.unwrap();
    for _ in 0..2 {
        Workflow::ensure_external(&mut connection, "default", "flow", "Theirs")
            .await
            .unwrap();
    }
    let workflow = Workflow::get(&mut connection, "default", "flow")
        .await
        .unwrap()
        .unwrap();
    assert_eq!((workflow.external, workflow.current_version), (true, 0));
    assert_eq!(
        WorkflowVersion::get(&mut connection, "default", "flow", None)
            .await
            .unwrap(),
        None
    );
    let (workflow, saved) = Workflow::save(&mut connection, "default", version("x", "Ours"))
        .await
        .unwrap();
    assert_eq!(
        (workflow.external, workflow.name.as_str(), saved.version),
        (false, "Ours", 1)
    );
    Workflow::ensure_external(&mut connection, "default", "flow", "Theirs")
        .await
        .unwrap();
    let workflow = Workflow::get(&mut connection, "default", "flow")
        .await
        .unwrap()
        .unwrap();
    assert_eq!((workflow.external, workflow.current_version), (false, 1));
}
