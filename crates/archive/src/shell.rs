//! Paths in commands that people paste into a shell.

use std::path::Path;

/// A path as one word of a POSIX shell. A stranger may have named the file, so nothing in it may act. A control character, which
/// a terminal would obey, is written as an escape; the command then finds no such file.
#[must_use]
pub fn shell_word(path: &Path) -> String {
    let mut word = String::from("'");
    for c in path.to_string_lossy().chars() {
        match c {
            '\'' => word.push_str("'\\''"),
            c if c.is_control() => word.extend(c.escape_default()),
            c => word.push(c),
        }
    }
    word.push('\'');
    word
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_takes_a_path_for_one_word() {
        for (path, word) in [
            ("plain", "'plain'"),
            ("x'; touch pwned; '", r"'x'\''; touch pwned; '\'''"),
            (r#"$(a) `b` "c" \"#, r#"'$(a) `b` "c" \'"#),
            ("a\nb", r"'a\nb'"),
        ] {
            assert_eq!(shell_word(Path::new(path)), word);
        }
    }
}
