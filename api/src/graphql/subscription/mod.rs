//! The root of subscriptions.

/// What can be followed.
pub type Subscription = async_graphql::EmptySubscription;
