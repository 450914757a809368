//! Model providers.

/// Where models are found, for all runs of an engine.
#[derive(Debug, Clone, Default)]
pub struct ModelSettings {}

/// Finds the provider of a model by its name.
#[derive(Debug)]
pub struct Models {}

impl Models {
    pub fn new(_settings: ModelSettings, _http: reqwest::Client) -> Self {
        Self {}
    }
}
