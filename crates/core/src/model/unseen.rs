//! Characters that nobody sees: what is shown to people shows them, by their number.

/// Whether a character is not seen, turns the writing direction, or breaks a line unasked. With such, two names look the same,
/// and a text says to a reader what it does not say to a program. Line feeds, tabs and other control characters are not among
/// them; blanks are seen.
///
/// They are the default ignorable characters of Unicode, and what steers the writing direction and annotations.
#[must_use]
pub const fn is_unseen(c: char) -> bool {
    matches!(
        c,
        // Soft hyphen, the joiner of graphemes, the mark of Arabic letters, fillers of Hangul, vowels of Khmer.
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{3164}' | '\u{ffa0}'
            // Variation selectors.
            | '\u{180b}'..='\u{180f}' | '\u{fe00}'..='\u{fe0f}'
            // Spaces and joiners of no width, marks of direction, line and paragraph separators, invisible operators.
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
            // Annotations, and the format characters of shorthand and of music.
            | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
            // Tags, and further variation selectors.
            | '\u{e0000}'..='\u{e0fff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_sees_is_known() {
        let unseen = "\u{ad}\u{115f}\u{1160}\u{3164}\u{ffa0}\u{fe0f}\u{e0100}\u{e0041}\u{e007f}\u{180e}\u{200b}\u{200d}\u{202e}\u{2066}\u{feff}";
        assert!(unseen.chars().all(is_unseen));
        assert!("증언 목록 a-b\u{a0}\u{3000}\u{2013}é한\u{301}ᄒ\u{1161}\n\t".chars().all(|c| !is_unseen(c)));
    }
}
