//! "Did you mean …?"

/// ` (did you mean …?)` when one of the candidates is near, else nothing.
pub(crate) fn suggestion<'a>(given: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    /// Below it, a suggestion confuses more than it helps.
    const NEAR: f64 = 0.8;
    let folded = given.to_lowercase();
    candidates
        .into_iter()
        .map(|candidate| {
            (
                strsim::jaro_winkler(&folded, &candidate.to_lowercase()),
                candidate,
            )
        })
        .filter(|(similarity, _)| *similarity >= NEAR)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, candidate)| format!(" (did you mean `{candidate}`?)"))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::suggestion;

    #[test]
    fn a_near_name_is_suggested_and_a_far_one_is_not() {
        assert_eq!(
            suggestion("DelayNod", ["MergeNode", "DelayNode"]),
            " (did you mean `DelayNode`?)"
        );
        assert_eq!(
            suggestion("delaynode", ["DelayNode"]),
            " (did you mean `DelayNode`?)"
        );
        assert_eq!(suggestion("Banana", ["MergeNode", "DelayNode"]), "");
    }
}
