//! Which file of a crate uses which, read from the text: `use` trees over several lines, `crate::`, `super::` and `self::`, and
//! paths within the code. A name that a module re-exports counts for the file that defines it, also where it is re-exported with
//! everything else in that file (`pub use file::*`).

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The modules of one crate, and what each uses.
pub struct Imports {
    used_by: BTreeMap<String, BTreeSet<String>>,
}

impl Imports {
    /// Reads the files of a crate, each with its path below the root of its package.
    pub fn read<'a>(files: impl Iterator<Item = (&'a Path, &'a str)>) -> Self {
        let texts: BTreeMap<String, String> =
            files.filter_map(|(path, text)| Some((module_of(path)?, code_of(text)))).collect();
        let names = Names::of(&texts);
        let used = |(module, text): (&String, &String)| {
            let Statements { public, private, rest } = Statements::of(text);
            let in_code = paths_within(&rest);
            let file_of = |path: &String| names.file_of(path, module);
            // What a module hands on of the files below it, it need not use.
            let below = if module.is_empty() { String::new() } else { format!("{module}::") };
            let handed_on = public.iter().filter_map(file_of).filter(|target| !target.starts_with(&below));
            let targets = private.iter().chain(&in_code).filter_map(file_of).chain(handed_on);
            (module.clone(), targets.filter(|target| target != module).collect())
        };
        Self { used_by: texts.iter().map(used).collect() }
    }

    /// Each file and one that it uses, by their modules.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.used_by.iter().flat_map(|(file, used)| used.iter().map(|used| (file.as_str(), used.as_str())))
    }

    /// The files from which the imports lead back to themselves, each with those that it uses on such a way.
    pub fn circles(&self) -> BTreeMap<&str, Vec<&str>> {
        let reached: BTreeMap<_, _> =
            self.used_by.keys().map(|file| (file.as_str(), self.reached_from(file))).collect();
        let on_the_way = |file: &str| {
            let used = self.used_by[file].iter().map(String::as_str);
            used.filter(|used| reached[used].contains(file)).collect::<Vec<_>>()
        };
        let circles = reached.keys().map(|file| (*file, on_the_way(file)));
        circles.filter(|(_, used)| !used.is_empty()).collect()
    }

    /// All files that this one uses, and that these use, and so on.
    fn reached_from<'a>(&'a self, file: &'a str) -> BTreeSet<&'a str> {
        let (mut reached, mut waiting) = (BTreeSet::new(), vec![file]);
        while let Some(file) = waiting.pop() {
            waiting.extend(self.used_by[file].iter().map(String::as_str).filter(|used| reached.insert(*used)));
        }
        reached
    }
}

/// The path of the module that a file holds, which is empty for the root of a library; none of a program's root.
fn module_of(path: &Path) -> Option<String> {
    let name = path.to_str()?.strip_prefix("src/")?.strip_suffix(".rs")?.replace('/', "::");
    match name.strip_suffix("::mod").unwrap_or(&name) {
        "main" => None,
        "lib" => Some(String::new()),
        name => Some(name.to_owned()),
    }
}

/// The names on the way to a module.
fn words_of(module: &str) -> Vec<String> {
    module.split("::").filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// The text without comments, and without the tests at its end.
pub fn code_of(text: &str) -> String {
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    code.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

/// The paths of `use` statements, and the code without these.
#[derive(Default)]
struct Statements {
    /// Of those that hand names on.
    public: Vec<String>,
    private: Vec<String>,
    rest: String,
}

impl Statements {
    fn of(code: &str) -> Self {
        let mut found = Self::default();
        let mut lines = code.lines();
        while let Some(line) = lines.next() {
            let visible = line.trim_start().strip_prefix("pub");
            let behind = visible.map(|rest| rest.trim_start_matches(|c| c != ' ').trim_start());
            let Some(tree) = behind.unwrap_or_else(|| line.trim_start()).strip_prefix("use ") else {
                found.rest.extend([line, "\n"]);
                continue;
            };
            let mut tree = tree.to_owned();
            while !tree.contains(';') {
                let Some(next) = lines.next() else { break };
                tree.push_str(next.trim());
            }
            let paths = branches(tree.split(';').next().unwrap_or_default());
            if visible.is_some() { found.public.extend(paths) } else { found.private.extend(paths) }
        }
        found
    }
}

/// The single paths of a `use` tree, without new names.
fn branches(tree: &str) -> Vec<String> {
    let tree = tree.trim();
    let Some((before, rest)) = tree.split_once('{') else {
        return vec![tree.split(" as ").next().unwrap_or_default().trim().to_owned()];
    };
    let inside = rest.strip_suffix('}').unwrap_or(rest);
    let (mut parts, mut depth) = (vec![String::new()], 0);
    for letter in inside.chars() {
        match letter {
            ',' if depth == 0 => parts.push(String::new()),
            _ => {
                depth += i32::from(letter == '{') - i32::from(letter == '}');
                parts.last_mut().unwrap().push(letter);
            }
        }
    }
    let whole = |part: &String| branches(&format!("{before}{}", part.trim()));
    parts.iter().filter(|part| !part.trim().is_empty()).flat_map(whole).collect()
}

/// The paths in the code that begin with `crate::` or `super::`.
fn paths_within(code: &str) -> Vec<String> {
    let is_of_path = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let words = code.split(|c: char| !is_of_path(c));
    words.filter(|word| word.starts_with("crate::") || word.starts_with("super::")).map(str::to_owned).collect()
}

/// The words of the code that stand alone, and not after a `::` or a dot.
fn single_words(code: &str) -> BTreeSet<String> {
    let is_of_path = |c: char| c.is_alphanumeric() || c == '_' || c == ':' || c == '.';
    let words = code.split(|c: char| !is_of_path(c)).map(|word| word.split([':', '.']).next().unwrap_or_default());
    words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// Where each name is defined, as far as modules hand it on.
struct Names<'a> {
    modules: BTreeSet<&'a str>,
    /// By module and name, the path that the module hands on under this name.
    handed_on: BTreeMap<(&'a str, String), Vec<String>>,
    /// By module, the modules of which it hands on whatever is public.
    handed_on_whole: BTreeMap<&'a str, Vec<Vec<String>>>,
    /// By module, the names that stand in it and that no `use` of it brings in: it defines them itself.
    own: BTreeMap<&'a str, BTreeSet<String>>,
}

impl<'a> Names<'a> {
    fn of(texts: &'a BTreeMap<String, String>) -> Self {
        let modules = texts.keys().map(String::as_str).collect();
        let mut names =
            Self { modules, handed_on: BTreeMap::new(), handed_on_whole: BTreeMap::new(), own: BTreeMap::new() };
        for (module, text) in texts {
            let Statements { public, private, rest } = Statements::of(text);
            for path in &public {
                let Some(mut whole) = names.whole(path, module) else { continue };
                match whole.last().cloned() {
                    Some(name) if name == "*" => {
                        whole.pop();
                        names.handed_on_whole.entry(module).or_default().push(whole);
                    }
                    Some(name) => drop(names.handed_on.insert((module, name), whole)),
                    None => {}
                }
            }
            let mut own = single_words(&rest);
            for brought in public.iter().chain(&private) {
                own.remove(brought.rsplit("::").next().unwrap_or_default());
            }
            names.own.insert(module, own);
        }
        names
    }

    /// Where a name is defined that a module hands on together with everything else of some module.
    fn handed_on_by_glob(&self, module: &str, name: &str) -> Option<Vec<String>> {
        self.handed_on_whole.get(module)?.iter().find_map(|whole| {
            let target = whole.join("::");
            let is_there = self.own.get(target.as_str()).is_some_and(|own| own.contains(name))
                || self.handed_on.contains_key(&(target.as_str(), name.to_owned()));
            if is_there {
                Some([whole.as_slice(), &[name.to_owned()]].concat())
            } else {
                self.handed_on_by_glob(&target, name)
            }
        })
    }

    /// A path from the root of the crate; none of what belongs to another one.
    fn whole(&self, path: &str, module: &str) -> Option<Vec<String>> {
        let mut words: Vec<_> = path.split("::").map(str::to_owned).collect();
        let mut here = words_of(module);
        match words[0].as_str() {
            "crate" => here.clear(),
            "self" => {}
            "super" => {
                while words.first().is_some_and(|word| word == "super") {
                    here.pop();
                    words.remove(0);
                }
                return Some([here, words].concat());
            }
            first if self.modules.contains(format!("{module}::{first}").trim_start_matches("::")) => {
                return Some([here, words].concat());
            }
            _ => return None,
        }
        words.remove(0);
        Some([here, words].concat())
    }

    /// The module that defines what a path in this module names.
    fn file_of(&self, path: &str, module: &str) -> Option<String> {
        let mut path = self.whole(path, module)?;
        // Each step leads to where the name comes from; none hands on what it has from itself.
        for _ in 0..8 {
            let length = (0..=path.len()).rev().find(|&n| self.modules.contains(path[..n].join("::").as_str()))?;
            let (file, rest) = (path[..length].join("::"), &path[length..]);
            let handed_on = rest.first().and_then(|name| {
                let by_name = self.handed_on.get(&(file.as_str(), name.clone())).cloned();
                by_name.or_else(|| self.handed_on_by_glob(&file, name))
            });
            match handed_on.filter(|next| *next != path[..=length]) {
                Some(next) => path = [next.as_slice(), &rest[1..]].concat(),
                None => return Some(file),
            }
        }
        None
    }
}
