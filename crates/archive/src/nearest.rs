//! Which known name was probably meant by a mistyped one.

/// The name that was probably meant: it differs in at most a third of its letters.
pub fn nearest<'a, N: AsRef<str> + ?Sized + 'a>(typed: &str, known: impl IntoIterator<Item = &'a N>) -> Option<&'a N> {
    let distance = |known: &&N| edits(typed, known.as_ref());
    let near = known.into_iter().min_by_key(distance)?;
    // Two swapped letters are two edits, and a common typing error even in a word of five.
    (edits(typed, near.as_ref()) * 3 <= near.as_ref().chars().count() + 1).then_some(near)
}

/// How many letters must be inserted, removed or changed to turn one text into the other (Levenshtein).
fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let change = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_that_was_meant_is_found() {
        let known = ["witness", "place", "events_period", "case"].map(str::to_owned);
        for (typed, meant) in
            [("wittness", "witness"), ("witnes", "witness"), ("plaec", "place"), ("event_period", "events_period")]
        {
            assert_eq!(nearest(typed, &known).map(String::as_str), Some(meant), "{typed}");
        }
        assert_eq!(nearest("consent", &known), None);
        assert_eq!(nearest::<String>("witness", &[]), None);
        assert_eq!([edits("", "abc"), edits("abc", ""), edits("kitten", "sitting")], [3, 3, 3]);
    }
}
