//! Litter: what systems leave in the folders that somebody looked at. It is nobody's evidence, and nobody put it there.

/// Files that systems leave in folders. Names of FAT disks have no case.
const FILES: [&str; 7] = [".DS_Store", ".localized", "Icon\r", "Thumbs.db", "ehthumbs.db", "desktop.ini", ".directory"];
/// Folders that systems leave in folders, with all that is in them.
const FOLDERS: [&str; 7] = [
    "__MACOSX",
    ".Spotlight-V100",
    ".Trashes",
    ".fseventsd",
    ".TemporaryItems",
    "$RECYCLE.BIN",
    "System Volume Information",
];
/// What else systems put into the first folder of a disk.
const OF_A_DISK: [&str; 3] = ["lost+found", "RECYCLER", ".DocumentRevisions-V100"];

fn is_one_of(name: &[u8], known: &[&str]) -> bool {
    known.iter().any(|known| known.as_bytes().eq_ignore_ascii_case(name))
}

fn is_file(name: &[u8]) -> bool {
    name.starts_with(b"._") || is_one_of(name, &FILES)
}

/// Whether systems leave something of this name in folders, a file or a folder.
#[must_use]
pub fn is_name(name: &[u8]) -> bool {
    is_file(name) || is_one_of(name, &FOLDERS)
}

/// Whether systems put something of this name into the first folder of a disk.
#[must_use]
pub fn is_name_of_a_disk(name: &[u8]) -> bool {
    let is_trash = name.strip_prefix(b".Trash-").is_some_and(|user| user.iter().all(u8::is_ascii_digit));
    is_trash || is_name(name) || is_one_of(name, &OF_A_DISK)
}

/// The litter that a path names or leads into: the path up to there. Its parts are separated by `/`.
#[must_use]
pub fn within(path: &[u8], is_folder: bool) -> Option<&[u8]> {
    let mut begin = 0;
    loop {
        let end = path[begin..].iter().position(|&byte| byte == b'/').map_or(path.len(), |length| begin + length);
        let (part, is_last) = (&path[begin..end], end == path.len());
        let is_litter = match is_last && !is_folder {
            true => is_file(part),
            false => is_one_of(part, &FOLDERS),
        };
        match is_litter {
            true => return Some(&path[..end]),
            false if is_last => return None,
            false => begin = end + 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{is_name, is_name_of_a_disk, within};

    #[test]
    fn what_a_system_left_is_told_from_other_names() {
        let litter: &[(&str, bool, &str)] = &[
            (".DS_Store", false, ".DS_Store"),
            ("report/.ds_store", false, "report/.ds_store"),
            ("data/THUMBS.DB", false, "data/THUMBS.DB"),
            ("Icon\r", false, "Icon\r"),
            ("exhibits/X/ehthumbs.db", false, "exhibits/X/ehthumbs.db"),
            ("._a name of any kind", false, "._a name of any kind"),
            ("__MACOSX/bundle/._x", false, "__MACOSX"),
            ("data/__macosx/증언", false, "data/__macosx"),
            ("System Volume Information", true, "System Volume Information"),
            ("$Recycle.bin/S-1-5/desktop.ini", false, "$Recycle.bin"),
        ];
        for (path, is_folder, litter) in litter {
            assert_eq!(within(path.as_bytes(), *is_folder), Some(litter.as_bytes()), "{path:?}");
        }
        let others =
            ["", "report/.hidden", ".DS_Store/x", "x.DS_Store", "Icon", "data/MACOSX/x", "thumbs.db.exe", "a//b"];
        for path in others {
            assert_eq!(within(path.as_bytes(), false), None, "{path:?}");
        }
        // A file is no folder, whatever it is called, and the other way around.
        assert_eq!((within(b"__MACOSX", false), within(b"Thumbs.db", true)), (None, None));
    }

    #[test]
    fn a_disk_has_more_of_it_than_a_folder() {
        for name in ["lost+found", ".Trash-1000", "recycler", "__MACOSX", "desktop.ini"] {
            assert!(is_name_of_a_disk(name.as_bytes()), "{name}");
        }
        for name in ["lost+found", ".Trash-1000", "volumes", ".stfolder"] {
            assert!(!is_name(name.as_bytes()), "{name}");
        }
        assert!(!is_name_of_a_disk(b".Trash-x"));
    }
}
