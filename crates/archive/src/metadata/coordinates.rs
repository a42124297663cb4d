//! Coordinates: latitude and longitude in decimal degrees, and how far off they may be.

use super::error::ValueError;

const EXAMPLE: &str = "41.79, 128.88 ±500 m";
/// What may stand before how far off a place may be.
const SIGNS: [&str; 4] = ["±", "+/-", "+-", "~"];

/// One of the two numbers, as it was written: its digits show how exact it is.
struct Degrees {
    digits: String,
    value: f64,
    /// N, S, E or W, where one stands beside it.
    direction: Option<char>,
}

/// Reads coordinates, and returns them in the form in which they are kept: `41.79, 128.88`, perhaps followed by ` ±500 m`.
///
/// # Errors
/// They are of another form, out of range, or the longitude stands first; with the spelling that is probably meant.
pub(super) fn read(text: &str) -> Result<String, ValueError> {
    let text = text.trim().trim_start_matches('(').trim_end_matches(')');
    let (place, off) = match SIGNS.iter().find_map(|sign| text.split_once(sign)) {
        Some((place, off)) => (place, Some(off)),
        None => (text, None),
    };
    let off = match off.map(distance) {
        None => String::new(),
        Some(Some(distance)) => format!(" ±{distance}"),
        Some(None) => {
            let reason = "how far off the place may be is a distance in m or km after ±";
            return Err(ValueError::new(reason).accepting(EXAMPLE));
        }
    };
    if let Some([first, second]) = degrees_minutes(place) {
        let reason = "coordinates are written in decimal degrees, not in degrees, minutes and seconds";
        return Err(ValueError::new(reason).accepting(format!("{first:.5}, {second:.5}{off}")));
    }
    let Some([first, second]) = pair(place) else {
        return Err(ValueError::new("coordinates are latitude, longitude in decimal degrees").accepting(EXAMPLE));
    };
    let is_latitude = |degrees: &Degrees| degrees.value.abs() <= 90.0 && !matches!(degrees.direction, Some('E' | 'W'));
    let is_longitude =
        |degrees: &Degrees| degrees.value.abs() <= 180.0 && !matches!(degrees.direction, Some('N' | 'S'));
    let is_named = first.direction.is_some() || second.direction.is_some();
    match (is_latitude(&first) && is_longitude(&second), is_latitude(&second) && is_longitude(&first)) {
        (true, _) => Ok(format!("{}, {}{off}", first.signed(), second.signed())),
        // N and E leave no doubt.
        (false, true) if is_named => Ok(format!("{}, {}{off}", second.signed(), first.signed())),
        (false, true) => Err(ValueError::new("the latitude, which is at most 90, stands first").accepting(format!(
            "{}, {}{off}",
            second.signed(),
            first.signed()
        ))),
        (false, false) => {
            Err(ValueError::new("a latitude is from -90 to 90, and a longitude from -180 to 180").accepting(EXAMPLE))
        }
    }
}

impl Degrees {
    fn read(text: &str) -> Option<Self> {
        let text = text.trim().to_uppercase();
        let is_direction = |letter: char| "NSEW".contains(letter);
        let direction = text.chars().find(|letter| is_direction(*letter));
        let digits = text.trim_start_matches(is_direction).trim_end_matches(is_direction).trim();
        let digits = digits.trim_end_matches('°').trim_end().trim_start_matches('+');
        let plain = digits.strip_prefix('-').unwrap_or(digits);
        let is_number = plain.starts_with(|first: char| first.is_ascii_digit())
            && plain.ends_with(|last: char| last.is_ascii_digit())
            && plain.chars().all(|c| c.is_ascii_digit() || c == '.');
        let value: f64 = digits.parse().ok()?;
        // A minus and a direction are two ways to say the same, or a contradiction.
        let is_once = direction.is_none() || !digits.starts_with('-');
        (is_number && is_once).then(|| Self { digits: digits.to_owned(), value, direction })
    }

    /// Its digits as they were written, south and west as minus.
    fn signed(&self) -> String {
        match self.direction {
            Some('S' | 'W') => format!("-{}", self.digits),
            _ => self.digits.clone(),
        }
    }
}

/// Two numbers with a comma, a semicolon, a slash or a space between them.
fn pair(text: &str) -> Option<[Degrees; 2]> {
    let between = |signs: &[char]| {
        let parts: Vec<_> = text.split(|c| signs.contains(&c)).filter(|part| !part.trim().is_empty()).collect();
        match parts[..] {
            [first, second] => Some([Degrees::read(first)?, Degrees::read(second)?]),
            _ => None,
        }
    };
    between(&[',', ';', '/', '，']).or_else(|| between(&[' ', '\t']))
}

/// A distance in metres or kilometres, in the form in which it is kept.
fn distance(text: &str) -> Option<String> {
    let text = text.trim().to_lowercase();
    let number = text.trim_end_matches(|c: char| c.is_alphabetic()).trim_end();
    let unit = match text[number.len()..].trim() {
        "" | "m" | "meter" | "meters" | "metre" | "metres" => "m",
        "km" => "km",
        _ => return None,
    };
    // A comma before exactly three digits stands between thousands; any other might be a decimal one.
    let is_of_thousands = |part: &str| part.len() == 3 && part.bytes().all(|byte| byte.is_ascii_digit());
    number.split(',').skip(1).all(is_of_thousands).then_some(())?;
    let number = number.replace(',', "");
    let is_number = number.chars().all(|c| c.is_ascii_digit() || c == '.');
    let value: f64 = number.parse().ok().filter(|_| is_number)?;
    (value > 0.0).then(|| format!("{number} {unit}"))
}

/// Degrees with minutes, and perhaps seconds, as decimal degrees.
fn degrees_minutes(text: &str) -> Option<[f64; 2]> {
    if !text.contains(['\'', '′', '’', '"', '″', '”']) {
        return None;
    }
    let (mut found, mut is_longitude_first) = (Vec::new(), false);
    for part in text.trim().to_uppercase().split_inclusive(['N', 'S', 'E', 'W']) {
        let is_minus = part.ends_with(['S', 'W']);
        is_longitude_first |= found.is_empty() && part.ends_with(['E', 'W']);
        let numbers: Vec<f64> = part
            .split(|c: char| !c.is_ascii_digit() && c != '.')
            .filter(|number| !number.is_empty())
            .map(str::parse)
            .collect::<Result<_, _>>()
            .ok()?;
        let [degrees, minutes, rest @ ..] = &numbers[..] else { return None };
        let seconds = rest.first().copied().unwrap_or(0.0);
        let value = degrees + minutes / 60.0 + seconds / 3600.0;
        found.push(if is_minus { -value } else { value });
    }
    let mut found: [f64; 2] = found.try_into().ok()?;
    if is_longitude_first {
        found.reverse();
    }
    (found[0].abs() <= 90.0 && found[1].abs() <= 180.0).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coordinates_are_kept_in_one_form_with_the_digits_that_were_written() {
        for (text, kept) in [
            ("41.79, 128.88", "41.79, 128.88"),
            (" 41.790,128.8800 ", "41.790, 128.8800"),
            ("41.79 128.88", "41.79, 128.88"),
            ("41.79; 128.88", "41.79, 128.88"),
            ("41.79°N, 128.88°E", "41.79, 128.88"),
            ("128.88E 41.79N", "41.79, 128.88"),
            ("33.5 S, 70.25 W", "-33.5, -70.25"),
            ("-33.5, -70.25", "-33.5, -70.25"),
            ("41.79, 128.88 ±500 m", "41.79, 128.88 ±500 m"),
            ("41.79, 128.88 +-500m", "41.79, 128.88 ±500 m"),
            ("41.79, 128.88 ± 2.5 km", "41.79, 128.88 ±2.5 km"),
            ("41.79, 128.88 ±1,200", "41.79, 128.88 ±1200 m"),
            ("(0, 0)", "0, 0"),
        ] {
            assert_eq!(read(text).as_deref(), Ok(kept), "{text}");
            assert_eq!(read(kept).as_deref(), Ok(kept), "{kept}");
        }
    }

    #[test]
    fn what_is_refused_is_answered_with_a_spelling_that_is_accepted() {
        for (text, reason, accepted) in [
            ("128.88, 41.79", "stands first", "41.79, 128.88"),
            ("128.88, 41.79 ±2 km", "stands first", "41.79, 128.88 ±2 km"),
            ("41°47'24\"N 128°52'48\"E", "decimal degrees", "41.79000, 128.88000"),
            ("128°52'48\"E 41°47'24\"N", "decimal degrees", "41.79000, 128.88000"),
            ("41.79, 128.88 ±1,5 km", "a distance", EXAMPLE),
            ("33°30′S, 70°15′W ±1 km", "decimal degrees", "-33.50000, -70.25000 ±1 km"),
            ("41.79, 190", "from -90 to 90", EXAMPLE),
            ("95, 120", "from -90 to 90", EXAMPLE),
            ("41.79", "latitude, longitude", EXAMPLE),
            ("near Tumen", "latitude, longitude", EXAMPLE),
            ("41.79N, 128.88N", "from -90 to 90", EXAMPLE),
            ("-41.79S, 128.88E", "latitude, longitude", EXAMPLE),
            ("1e1, 20", "latitude, longitude", EXAMPLE),
            ("NaN, inf", "latitude, longitude", EXAMPLE),
            ("41.79, 128.88, 12", "latitude, longitude", EXAMPLE),
            ("41,79, 128,88", "latitude, longitude", EXAMPLE),
            ("41.79, 128.88 ±some", "a distance", EXAMPLE),
            ("41.79, 128.88 ±0 m", "a distance", EXAMPLE),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.reason.contains(reason), "{text}: {error}");
            assert_eq!(error.accepted.as_deref(), Some(accepted), "{text}");
            assert!(read(accepted).is_ok(), "{accepted}");
        }
    }
}
