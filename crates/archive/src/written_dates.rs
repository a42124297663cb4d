//! Dates as people write them, and which EDTF date each says. Only what can be read in one way is read: `17/03/2005` is
//! the 17th of March, `03/04/2005` may be two days, and is left to somebody who knows.

use unicode_normalization::UnicodeNormalization as _;

use super::edtf_dates::check_date;

/// The months, by the beginnings that are written for them.
const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// Seasons with their number in EDTF. A winter is in two years, and which of them is meant is not said.
const SEASONS: &[(u32, &[&str])] =
    &[(21, &["spring", "봄", "春"]), (22, &["summer", "여름", "夏"]), (23, &["autumn", "fall", "가을", "秋"])];

/// What stands before a date that is not exact, and what follows it.
const ABOUT_BEFORE: &[&str] =
    &["circa", "about", "around", "approximately", "approx.", "approx", "ca.", "ca", "c.", "c", "약"];
const ABOUT_AFTER: &[&str] = &["경", "쯤", "무렵"];

/// The EDTF date that words say, if they can be read in one way only.
#[must_use]
pub fn read(words: &str) -> Option<String> {
    if check_date(words).is_ok() {
        return Some(words.to_owned());
    }
    let text = plain(words);
    let read = date(&text).or_else(|| about(&text)).or_else(|| range(&text))?;
    check_date(&read).is_ok().then_some(read)
}

/// In one form: composed, in lower case, with single spaces and the digits and signs of ASCII.
fn plain(words: &str) -> String {
    let wide = |c: char| match c {
        '\u{ff10}'..='\u{ff19}' => char::from_digit(u32::from(c) - 0xff10, 10).unwrap_or(c),
        '\u{ff0e}' => '.',
        '\u{ff0f}' => '/',
        '\u{ff5e}' | '\u{301c}' => '~',
        '\u{2010}' | '\u{2011}' => '-',
        '\u{2014}' => '\u{2013}',
        other => other,
    };
    let text: String = words.nfc().map(wide).flat_map(char::to_lowercase).collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// One date, or one that EDTF writes as one.
fn date(text: &str) -> Option<String> {
    if check_date(text).is_ok() && !text.contains(['/', '~', '?', '%']) {
        return Some(text.to_owned());
    }
    numbered(text)
        .or_else(|| korean(text))
        .or_else(|| english(text))
        .or_else(|| decade(text))
        .or_else(|| of_a_day(text))
}

fn about(text: &str) -> Option<String> {
    let before = ABOUT_BEFORE.iter().find_map(|word| text.strip_prefix(word));
    let rest = before.or_else(|| ABOUT_AFTER.iter().find_map(|word| text.strip_suffix(word)))?;
    date(rest.trim()).map(|date| date + "~")
}

/// From one date to another. A hyphen without spaces is one only between two years: it stands within dates, too.
fn range(text: &str) -> Option<String> {
    let between = |separator: &str| {
        let (from, to) = text.split_once(separator)?;
        Some((from.trim(), to.trim()))
    };
    let years = || between("-").filter(|(from, to)| year(from).is_some() && year(to).is_some());
    let until = || {
        let (from, to) = between("부터")?;
        Some((from, to.strip_suffix("까지")?))
    };
    let (from, to) = [" - ", "\u{2013}", "~", " to "].into_iter().find_map(between).or_else(years).or_else(until)?;
    Some(format!("{}/{}", date(from)?, date(to)?))
}

/// Numbers with the same sign between them: `2005. 3. 17.`, `2004/02/11`, `17.03.2005`, `2003. 3.`, `03/2005`.
fn numbered(text: &str) -> Option<String> {
    let sign = text.chars().find(|c| !c.is_ascii_digit()).filter(|c| "./-".contains(*c))?;
    let text = if sign == '.' { text.strip_suffix('.').unwrap_or(text) } else { text };
    let parts: Vec<_> = text.split(sign).map(str::trim).collect();
    match parts[..] {
        [first, month, day] if year(first).is_some() => written(year(first)?, Some(number(month)?), Some(number(day)?)),
        [first, second, last] => {
            let (day, month) = day_and_month(number(first)?, number(second)?)?;
            written(year(last)?, Some(month), Some(day))
        }
        // 2004/05 may be two years.
        [first, month] if year(first).is_some() && sign == '.' => written(year(first)?, Some(number(month)?), None),
        [month, last] => written(year(last)?, Some(number(month)?), None),
        _ => None,
    }
}

/// Which of two numbers is the day, and which the month, if only one can be.
fn day_and_month(first: u32, second: u32) -> Option<(u32, u32)> {
    match (first > 12, second > 12) {
        (true, false) => Some((first, second)),
        (false, true) => Some((second, first)),
        (false, false) if first == second => Some((first, second)),
        _ => None,
    }
}

/// `2003년`, `2003년 3월`, `2003년 3월 17일`, `2003년 가을`; and the same in Chinese letters.
fn korean(text: &str) -> Option<String> {
    let (first, rest) = text.split_once(['년', '年'])?;
    let (year, rest) = (year(first.trim())?, rest.trim());
    if rest.is_empty() {
        return written(year, None, None);
    }
    if let Some(season) = season(rest) {
        return written(year, Some(season), None);
    }
    let (month, rest) = rest.split_once(['월', '月'])?;
    let (month, rest) = (number(month.trim())?, rest.trim());
    if rest.is_empty() {
        return written(year, Some(month), None);
    }
    let (day, rest) = rest.split_once(['일', '日'])?;
    written(year, Some(month), Some(number(day.trim())?)).filter(|_| rest.is_empty())
}

/// `17 March 2005`, `Mar. 17, 2005`, `17-Mar-2005`, `March 2005`, `autumn 2003`.
fn english(text: &str) -> Option<String> {
    let parts: Vec<_> = text.split([' ', ',', '-']).filter(|part| !part.is_empty() && *part != "of").collect();
    match parts[..] {
        [name, last] => written(year(last)?, Some(month(name).or_else(|| season(name))?), None),
        [first, second, last] => {
            let day = |text: &str| {
                let endings = ["st", "nd", "rd", "th"];
                number(endings.iter().find_map(|ending| text.strip_suffix(ending)).unwrap_or(text))
            };
            let (day, month) = match month(first) {
                Some(month) => (day(second)?, month),
                None => (day(first)?, month(second)?),
            };
            written(year(last)?, Some(month), Some(day))
        }
        _ => None,
    }
}

/// `1990s`, `1990년대`. The 2000s may be a century.
fn decade(text: &str) -> Option<String> {
    let digits = ["'s", "s", "년대"].iter().find_map(|ending| text.strip_suffix(ending))?.trim();
    let year = year(digits).filter(|year| year % 10 == 0 && year % 100 != 0)?;
    Some(format!("{:03}X", year / 10))
}

/// A day with a time, as spreadsheets write it.
fn of_a_day(text: &str) -> Option<String> {
    let (day, time) = text.split_once(' ')?;
    (time.len() == 8 && day.len() == 10).then(|| format!("{day}T{time}"))
}

fn month(name: &str) -> Option<u32> {
    let name = name.strip_suffix('.').unwrap_or(name);
    let name = if name == "sept" { "sep" } else { name };
    (1..).zip(MONTHS).find(|(_, month)| *month == name || month[..3] == *name).map(|(number, _)| number)
}

fn season(name: &str) -> Option<u32> {
    SEASONS.iter().find(|(_, names)| names.contains(&name)).map(|(number, _)| *number)
}

fn year(digits: &str) -> Option<u32> {
    (digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_digit())).then(|| digits.parse().ok()).flatten()
}

fn number(digits: &str) -> Option<u32> {
    let is_short = matches!(digits.len(), 1 | 2) && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_short.then(|| digits.parse().ok()).flatten()
}

/// As EDTF writes it; whether there is such a day is looked at in the end.
fn written(year: u32, month: Option<u32>, day: Option<u32>) -> Option<String> {
    match (month, day) {
        (None, None) => Some(format!("{year:04}")),
        (Some(month), None) => Some(format!("{year:04}-{month:02}")),
        (Some(month), Some(day)) => Some(format!("{year:04}-{month:02}-{day:02}")),
        (None, Some(_)) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_that_can_be_read_in_one_way_are_read() {
        for (words, edtf) in [
            ("2003-07-08", "2003-07-08"),
            ("2003~", "2003~"),
            ("2005. 3. 17.", "2005-03-17"),
            ("2005.3.17", "2005-03-17"),
            ("2005.03.17.", "2005-03-17"),
            ("２００５．３．１７", "2005-03-17"),
            ("2004/02/11", "2004-02-11"),
            ("2004/2/9", "2004-02-09"),
            ("2004-2-9", "2004-02-09"),
            ("2004. 5.", "2004-05"),
            ("2004.05", "2004-05"),
            ("03/2005", "2005-03"),
            ("2003년", "2003"),
            ("2003년 3월", "2003-03"),
            ("2003년3월", "2003-03"),
            ("2003년 3월 17일", "2003-03-17"),
            ("2003\u{1102}\u{1167}\u{11ab}", "2003"),
            ("2003年3月17日", "2003-03-17"),
            ("2003년 가을", "2003-23"),
            ("2003년 봄", "2003-21"),
            ("autumn 2003", "2003-23"),
            ("Summer of 2003", "2003-22"),
            ("c. 2003", "2003~"),
            ("c.2003", "2003~"),
            ("ca. 2003", "2003~"),
            ("Circa 2003", "2003~"),
            ("about 17 March 2005", "2005-03-17~"),
            ("약 2003년", "2003~"),
            ("2003년경", "2003~"),
            ("2003년 3월경", "2003-03~"),
            ("2003-2005", "2003/2005"),
            ("2003–2005", "2003/2005"),
            ("2003 — 2005", "2003/2005"),
            ("2003 - 2005", "2003/2005"),
            ("2003~2005", "2003/2005"),
            ("2003 to 2005", "2003/2005"),
            ("2003년~2005년", "2003/2005"),
            ("2003년부터 2005년까지", "2003/2005"),
            ("2005. 3. 17. ~ 2005. 4. 2.", "2005-03-17/2005-04-02"),
            ("17 March 2005 – 2 April 2005", "2005-03-17/2005-04-02"),
            ("17/03/2005", "2005-03-17"),
            ("3/17/2005", "2005-03-17"),
            ("17.3.2005", "2005-03-17"),
            ("03/03/2005", "2005-03-03"),
            ("17 March 2005", "2005-03-17"),
            ("March 17, 2005", "2005-03-17"),
            ("17th of March 2005", "2005-03-17"),
            ("17-Mar-2005", "2005-03-17"),
            ("Sept. 2003", "2003-09"),
            ("July 2003", "2003-07"),
            ("1990s", "199X"),
            ("1990년대", "199X"),
            ("2005-03-17 00:00:00", "2005-03-17T00:00:00"),
        ] {
            assert_eq!(read(words).as_deref(), Some(edtf), "{words}");
        }
    }

    #[test]
    fn what_may_be_read_in_two_ways_or_none_is_not() {
        for words in [
            "",
            " ",
            "yesterday",
            "unknown",
            "03/04/2005",
            "8.7.2003",
            "08-07-03",
            "17/03/05",
            "2004/05",
            "2003–05",
            "1998-99",
            "c. 2003-2005",
            "2000s",
            "winter 2003",
            "2003년 겨울",
            "2003년 초",
            "2003년 3월 초",
            "2003년 3월 17일 목요일",
            "2003 ~",
            "2003년 3월 ~ 5월",
            "spring",
            "Mar-05",
            "2003. 13. 1.",
            "2003년 2월 30일",
            "30/02/2003",
            "31.11.2003",
            "2005–2003",
            "20030708x",
            "2003¹",
            "3¹월 2003",
            "1¹/03/2005",
            "2003 or 2004",
            "2003, 2004",
            "주체92년",
            "2003/07/08/09",
            "2005-03-17 25:00:00",
            "~",
            "/",
            "-",
            "c.",
            "약",
            "년",
            "2003\u{200b}년",
        ] {
            assert_eq!(read(words), None, "{words}");
        }
    }

    #[test]
    fn whatever_is_read_is_an_edtf_date() {
        let parts =
            ["2003", "3", "17", "년", "월", ".", "/", "-", "~", " ", "c.", "경", "가을", "March", "to", "–", "s"];
        let mut words = vec![String::new()];
        for _ in 0..4 {
            words = words.iter().flat_map(|text| parts.iter().map(move |part| format!("{text}{part}"))).collect();
            for words in &words {
                if let Some(date) = read(words) {
                    assert_eq!(check_date(&date), Ok(()), "{words}");
                }
            }
        }
    }
}
