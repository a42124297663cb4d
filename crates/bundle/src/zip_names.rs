//! Which of the members of a zip file are the bundle's: those in one folder, and not what a system left beside it.

use vouchsafe_core::format::bundle::{BAGIT, DESCRIPTION, TAG_SIGNATURE};
use vouchsafe_core::format::litter;
use vouchsafe_core::language::Text;
use vouchsafe_core::text;

/// The folder of a bundle among the names of members.
pub(super) struct Top {
    /// The name that all names of the bundle begin with, and its slash; empty if they have none.
    pub folder: Vec<u8>,
    /// What is known of it.
    pub holds: Holds,
}

/// What lies in a folder, by the names of its files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    /// A bundle, or what is left of one.
    Bundle,
    /// A bag of another program.
    Bag,
    /// One zip file, and nothing else.
    Zip,
    /// A bundle, but for the signs between the parts of its names.
    Backslashes,
    /// Something else.
    Other,
}

impl Top {
    /// Finds it: all members but litter lie in one folder, of whatever name, or in one folder in that, or in none.
    ///
    /// # Errors
    /// They lie in several folders, one of which is a bundle's.
    pub fn of(names: &[&[u8]]) -> Result<Self, Text> {
        let is_litter = |name: &[u8]| litter_of(name).is_some();
        let names: Vec<&[u8]> = names.iter().copied().filter(|name| !is_litter(name)).collect();
        let outer = match common_folder(&names) {
            Err(_) if !names.iter().any(|name| is_of_a_bundle(name)) => b"",
            found => found?,
        };
        let in_outer = below(&names, outer);
        if holds(&in_outer) != Holds::Bundle && !outer.is_empty() {
            // What does not lie in one folder is no bundle here, and is judged as what it is in the outer one.
            let inner = common_folder(&in_outer).unwrap_or_default();
            let is_there = |name: &&[u8]| name.strip_prefix(inner) == Some(DESCRIPTION.as_bytes());
            if !inner.is_empty() && in_outer.iter().any(is_there) {
                return Ok(Self { folder: [outer, inner].concat(), holds: Holds::Bundle });
            }
        }
        Ok(Self { holds: holds(&in_outer), folder: outer.to_vec() })
    }
}

/// The litter that a member is, or lies in.
pub(super) fn litter_of(name: &[u8]) -> Option<&[u8]> {
    match name.strip_suffix(b"/") {
        Some(folder) => litter::within(folder, true),
        None => litter::within(name, false),
    }
}

/// What names say of the folder that they lie in.
fn holds(names: &[&[u8]]) -> Holds {
    let has = |wanted: &str| names.contains(&wanted.as_bytes());
    let mut files = names.iter().filter(|name| !name.ends_with(b"/"));
    let is_zip = |name: &[u8]| name.len() > 4 && name[name.len() - 4..].eq_ignore_ascii_case(b".zip");
    let are_with_backslashes = !names.iter().any(|name| name.contains(&b'/'))
        && names.iter().any(|name| name.contains(&b'\\'))
        && names.iter().any(|name| is_of_a_bundle(&with_slashes(name)));
    match () {
        () if are_with_backslashes => Holds::Backslashes,
        () if has(DESCRIPTION) || has(TAG_SIGNATURE) => Holds::Bundle,
        () if has(BAGIT) => Holds::Bag,
        () if files.next().is_some_and(|name| is_zip(name)) && files.next().is_none() => Holds::Zip,
        () => Holds::Other,
    }
}

/// Whether a file has a name that only those of bundles have, in whatever folder.
fn is_of_a_bundle(name: &[u8]) -> bool {
    let last = name.rsplit(|&byte| byte == b'/').next();
    [DESCRIPTION, TAG_SIGNATURE].iter().any(|wanted| last == Some(wanted.as_bytes()))
}

/// A name with the sign between its parts that it should have.
fn with_slashes(name: &[u8]) -> Vec<u8> {
    name.iter().map(|&byte| if byte == b'\\' { b'/' } else { byte }).collect()
}

/// The names below a folder.
fn below<'a>(names: &[&'a [u8]], folder: &[u8]) -> Vec<&'a [u8]> {
    names.iter().filter_map(|name| name.strip_prefix(folder)).filter(|name| !name.is_empty()).collect()
}

/// The folder that all names begin with, and its slash: none, if a file lies outside of folders.
fn common_folder<'a>(names: &[&'a [u8]]) -> Result<&'a [u8], Text> {
    let mut common: &[u8] = b"";
    let slashes: Option<Vec<usize>> = names.iter().map(|name| name.iter().position(|&byte| byte == b'/')).collect();
    let Some(slashes) = slashes else { return Ok(b"") };
    for (name, slash) in names.iter().zip(slashes) {
        if matches!(&name[..slash], b"" | b"." | b"..") || name[..slash].contains(&b'\\') {
            return Err(text!(
                "its folder has a name that no folder may have",
                "폴더의 이름이 있을 수 없는 이름입니다"
            ));
        }
        let folder = &name[..=slash];
        if !common.is_empty() && common != folder {
            return Err(text!("its members are not all in one folder", "구성원이 모두 한 폴더에 있지 않습니다"));
        }
        common = folder;
    }
    Ok(common)
}

#[cfg(test)]
mod tests {
    use super::{Holds, Top};
    use vouchsafe_core::language::Text;

    fn top(names: &[&str]) -> Result<(String, Holds), Text> {
        let names: Vec<_> = names.iter().map(|name| name.as_bytes()).collect();
        Top::of(&names).map(|top| (String::from_utf8(top.folder).unwrap(), top.holds))
    }

    #[test]
    fn the_folder_of_the_bundle_is_found() {
        let found = |folder: &str, holds| Ok((folder.to_owned(), holds));
        assert_eq!(top(&["bundle.json", "data/x"]), found("", Holds::Bundle));
        assert_eq!(top(&["agents/x", "data/x", "bundle.json"]), found("", Holds::Bundle));
        assert_eq!(top(&["2025/x.jpg", "2026/y.jpg"]), found("", Holds::Other));
        assert_eq!(top(&["증거/bundle.json", "__MACOSX/증거/._bundle.json"]), found("증거/", Holds::Bundle));
        assert_eq!(top(&["a b (1)/", "a b (1)/c/", "a b (1)/c/bundle.json"]), found("a b (1)/c/", Holds::Bundle));
        assert_eq!(top(&["out/.DS_Store", "out/in/bundle.json", ".DS_Store"]), found("out/in/", Holds::Bundle));
        // What is left of a bundle is one, and not what lies in it.
        let left = ["b/tagmanifest-sha256.txt.sig", "b/data/bundle.json"];
        assert_eq!(top(&left), found("b/", Holds::Bundle));
        assert_eq!(top(&["bag/bagit.txt", "bag/data/x"]), found("bag/", Holds::Bag));
        assert_eq!(top(&["b.ZIP", ".DS_Store"]), found("", Holds::Zip));
        assert_eq!(top(&["for you/b.zip"]), found("for you/", Holds::Zip));
        assert_eq!(top(&["letter.pdf", "bundle/bundle.json"]), found("", Holds::Other));
        assert_eq!(top(&["a/b/c/bundle.json"]), found("a/", Holds::Other));
        assert_eq!(top(&[]), found("", Holds::Other));
    }

    #[test]
    fn members_in_several_folders_are_refused() {
        assert!(top(&["a/b/bundle.json", "c/x"]).is_err(), "a bundle lies deeper");
        for second in ["other/x", "other/", "/x", "../x", "./bundle/x", "bundle\\x/y"] {
            assert!(top(&["bundle/bundle.json", second]).is_err(), "{second}");
        }
    }
}
