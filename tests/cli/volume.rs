//! Volumes as plain tar, read without the program's own code, to be damaged at a chosen place.

use std::fs;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

/// A member of a volume.
#[derive(Debug, Clone)]
pub struct Member {
    /// Its name in the tar file.
    pub name: String,
    /// Where its header begins.
    pub header: usize,
    /// Where its content begins.
    pub content: usize,
    /// How many bytes it has.
    pub size: usize,
}

impl Member {
    /// Where the next member begins.
    pub fn end(&self) -> usize {
        self.content + self.size.next_multiple_of(512)
    }
}

/// The members, in order.
pub fn members(path: &Path) -> Vec<Member> {
    let bytes = fs::read(path).unwrap();
    let text = |from: usize, length: usize| {
        let field = &bytes[from..from + length];
        let end = field.iter().position(|&byte| byte == 0).unwrap_or(length);
        String::from_utf8(field[..end].to_vec()).unwrap()
    };
    let mut members = Vec::new();
    let mut at = 0;
    while at + 512 <= bytes.len() && bytes[at] != 0 {
        let size = usize::from_str_radix(text(at + 124, 12).trim(), 8).unwrap();
        let member = Member { name: text(at, 100), header: at, content: at + 512, size };
        at = member.end();
        members.push(member);
    }
    members
}

/// The first member whose name begins so, not counting those that `skip` are passed over.
pub fn member(path: &Path, start: &str, skip: usize) -> Member {
    let mut found = members(path).into_iter().filter(|member| member.name.starts_with(start));
    found.nth(skip).unwrap_or_else(|| panic!("no member {start} in {}", path.display()))
}

/// The content of a member.
pub fn content(path: &Path, member: &Member) -> Vec<u8> {
    fs::read(path).unwrap()[member.content..member.content + member.size].to_vec()
}

/// The lines of all logs in a volume, as they lie there.
pub fn log_lines(path: &Path) -> String {
    let logs = members(path).into_iter().filter(|member| member.name.starts_with("log/"));
    logs.map(|member| String::from_utf8(content(path, &member)).unwrap()).collect()
}

/// Flips one bit of a file; whoever reads it meanwhile finds everything else as it was.
pub fn flip(path: &Path, at: usize, bit: u8) {
    make_writable(path);
    let file = fs::OpenOptions::new().read(true).write(true).open(path).unwrap();
    let mut byte = [0];
    file.read_exact_at(&mut byte, at as u64).unwrap();
    file.write_all_at(&[byte[0] ^ (1 << bit)], at as u64).unwrap();
}

/// Replaces a text in a file by another of the same length, once.
pub fn replace(path: &Path, from: &str, to: &str) {
    assert_eq!(from.len(), to.len());
    make_writable(path);
    let mut bytes = fs::read(path).unwrap();
    let at = bytes.windows(from.len()).position(|window| window == from.as_bytes()).unwrap();
    bytes[at..at + to.len()].copy_from_slice(to.as_bytes());
    fs::write(path, bytes).unwrap();
}

/// Cuts a file.
pub fn cut(path: &Path, size_bytes: usize) {
    make_writable(path);
    let file = fs::OpenOptions::new().write(true).open(path).unwrap();
    file.set_len(size_bytes as u64).unwrap();
}

/// A closed volume is read-only.
fn make_writable(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}
