//! Which objects a verification has read: what makes "checked" and "not checked" a matter of record.

use serde::{Deserialize, Serialize};

use super::field::Salt;
use crate::digest::Digest;

/// The most ranges of one coverage.
pub const MAX_RANGES: usize = 500;
/// The most objects that one record of a verification names as failed.
pub const MAX_FAILED_OBJECTS: usize = 200;

const MILLION: u32 = 1_000_000;

crate::shape::described! {
    /// Which of the objects of an archive were read: those with a number in one of the ranges and, where
    /// there is a sample, in the sample too.
    ///
    /// Objects are numbered from 0 in the order in which they stand in the volumes. The number of an object
    /// never changes, since volumes only grow.
    #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    pub struct Coverage {
        /// How many objects the volumes held.
        pub objects_held: u64,
        /// Numbers of objects: ascending, apart from each other, none empty, all below `objects_held`.
        pub ranges: Vec<Range>,
        /// How the sample was drawn, where not every object of the ranges was meant.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub sample: Option<Sample>,
    }
}

/// Numbers of objects, written `[first, count]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "(u64, u64)", into = "(u64, u64)")]
pub struct Range {
    /// The first number.
    pub first: u64,
    /// How many follow each other.
    pub count: u64,
}

impl Range {
    /// The first number after it. Ranges are within what is held, so this does not overflow.
    const fn end(self) -> u64 {
        self.first + self.count
    }
}

impl From<(u64, u64)> for Range {
    fn from((first, count): (u64, u64)) -> Self {
        Self { first, count }
    }
}

impl From<Range> for (u64, u64) {
    fn from(range: Range) -> Self {
        (range.first, range.count)
    }
}

crate::shape::described! {
    /// How a sample of objects was drawn, so that anybody can draw it again.
    ///
    /// An object is in the sample if the first eight bytes of `SHA-256(seed ‖ digest)`, as a big-endian
    /// number, are below `per_million / 1,000,000 × 2^64`. Who does not know the seed beforehand cannot
    /// know which objects will be left out.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    pub struct Sample {
        /// The share of the objects, 1 to 999,999.
        pub per_million: u32,
        /// 128 random bits.
        pub seed: Salt,
    }
}

impl Sample {
    /// The share in per cent: 5 %, 0.5 %.
    #[must_use]
    pub fn share(&self) -> String {
        let decimals = format!("{:04}", self.per_million % 10_000);
        let text = format!("{}.{decimals}", self.per_million / 10_000);
        format!("{} %", text.trim_end_matches('0').trim_end_matches('.'))
    }

    /// Whether an object is in the sample.
    #[must_use]
    pub fn includes(&self, object: Digest) -> bool {
        let drawn = Digest::of(&[self.seed.as_bytes().as_slice(), object.as_bytes()].concat());
        let number = drawn.as_bytes()[..8].iter().fold(0_u64, |number, &byte| number << 8 | u64::from(byte));
        u128::from(number) * u128::from(MILLION) < u128::from(self.per_million) << 64
    }
}

impl Coverage {
    /// Which part of the archive it is, in words.
    #[must_use]
    pub fn scope(&self) -> String {
        match self.sample {
            _ if self.is_whole() => "the whole archive".to_owned(),
            None => "a part of the archive".to_owned(),
            Some(sample) if self.count() == self.objects_held => format!("a sample of {}", sample.share()),
            Some(sample) => format!("a part of a sample of {}", sample.share()),
        }
    }

    /// Every one of so many objects.
    #[must_use]
    pub fn whole(objects_held: u64) -> Self {
        let all = Range { first: 0, count: objects_held };
        let ranges = if objects_held == 0 { Vec::new() } else { vec![all] };
        Self { objects_held, ranges, sample: None }
    }

    /// Exactly these of so many objects: numbers in ascending order, without repetition.
    ///
    /// More than [`MAX_RANGES`] ranges are cut down to the longest: what is left out was read and is not
    /// claimed, never the other way round.
    #[must_use]
    pub fn of(objects_held: u64, numbers: impl IntoIterator<Item = u64>) -> Self {
        let mut ranges: Vec<Range> = Vec::new();
        for number in numbers {
            match ranges.last_mut() {
                Some(last) if last.end() == number => last.count += 1,
                _ => ranges.push(Range { first: number, count: 1 }),
            }
        }
        Self { objects_held, ranges: longest(ranges), sample: None }
    }

    /// All of so many objects but these: numbers in ascending order, without repetition.
    #[must_use]
    pub fn all_but(objects_held: u64, numbers: impl IntoIterator<Item = u64>) -> Self {
        let mut ranges = Vec::new();
        let mut first = 0;
        for number in numbers.into_iter().chain([objects_held]) {
            if number > first {
                ranges.push(Range { first, count: number - first });
            }
            first = number + 1;
        }
        Self { objects_held, ranges: longest(ranges), sample: None }
    }

    /// What of it lies before this number.
    #[must_use]
    pub fn up_to(mut self, end: u64) -> Self {
        self.ranges.retain(|range| range.first < end);
        if let Some(last) = self.ranges.last_mut() {
            last.count = last.count.min(end - last.first);
        }
        self
    }

    /// Whether a number is in one of the ranges.
    #[must_use]
    pub fn has(&self, number: u64) -> bool {
        let after = self.ranges.partition_point(|range| range.first <= number);
        self.ranges[..after].last().is_some_and(|range| number < range.end())
    }

    /// How many numbers are in the ranges.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.ranges.iter().map(|range| range.count).sum()
    }

    /// Whether every object was meant.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        *self == Self::whole(self.objects_held)
    }

    /// Whether the object with this number and digest was meant.
    #[must_use]
    pub fn includes(&self, number: u64, object: Digest) -> bool {
        self.has(number) && self.sample.is_none_or(|sample| sample.includes(object))
    }

    /// What is wrong with it, where its parts do not fit together.
    pub fn flaw(&self) -> Option<&'static str> {
        if self.ranges.len() > MAX_RANGES {
            return Some("its coverage has more than 500 ranges");
        }
        let mut free_from = 0;
        for range in &self.ranges {
            // Ranges that touch would be one range written in two ways.
            let is_apart = range.first > free_from || (free_from == 0 && range.first == 0);
            let end = range.first.checked_add(range.count).filter(|&end| end <= self.objects_held);
            match end {
                Some(end) if is_apart && range.count > 0 => free_from = end,
                _ => {
                    return Some("the ranges of its coverage are not ascending, apart, filled and within what is held");
                }
            }
        }
        if self.sample.is_some_and(|sample| sample.per_million == 0 || sample.per_million >= MILLION) {
            return Some("the share of its sample is not 1 to 999,999 per million");
        }
        None
    }

    /// The numbers in it, which canonical JSON limits.
    pub(crate) fn numbers(&self) -> impl Iterator<Item = u64> {
        // The ranges are within `objects_held`.
        std::iter::once(self.objects_held)
    }
}

/// As many of the ranges as one coverage holds: the longest of them, in order.
fn longest(mut ranges: Vec<Range>) -> Vec<Range> {
    if ranges.len() > MAX_RANGES {
        ranges.sort_by_key(|range| std::cmp::Reverse(range.count));
        ranges.truncate(MAX_RANGES);
        ranges.sort_by_key(|range| range.first);
    }
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn coverage(objects_held: u64, ranges: &[(u64, u64)]) -> Coverage {
        Coverage { objects_held, ranges: ranges.iter().copied().map(Range::from).collect(), sample: None }
    }

    #[test]
    fn ranges_have_one_form() {
        for good in [&[][..], &[(0, 10)], &[(0, 1), (2, 1)], &[(3, 7)], &[(1, 1), (3, 1), (9, 1)]] {
            assert_eq!(coverage(10, good).flaw(), None, "{good:?}");
        }
        let bad: [&[(u64, u64)]; 7] = [
            &[(0, 0)],
            &[(0, 11)],
            &[(0, 1), (1, 1)],
            &[(5, 1), (2, 1)],
            &[(0, 5), (4, 2)],
            &[(9, u64::MAX)],
            &[(10, 1)],
        ];
        for bad in bad {
            assert!(coverage(10, bad).flaw().is_some(), "{bad:?}");
        }
    }

    #[test]
    fn a_sample_is_of_its_share() {
        let sample = Sample { per_million: 50_000, seed: Salt::from_bytes([7; 16]) };
        let drawn = (0..20_000_u32).filter(|number| sample.includes(Digest::of(&number.to_be_bytes()))).count();
        assert!((900..1_100).contains(&drawn), "{drawn} of 20,000 in a sample of 5 %");
    }

    #[test]
    fn too_many_ranges_claim_less_and_never_more() {
        // Every second number, and one long stretch.
        let numbers: Vec<u64> = (0..2_000).step_by(2).chain(3_000..3_100).collect();
        let kept = Coverage::of(4_000, numbers.iter().copied());
        assert_eq!(kept.flaw(), None);
        assert_eq!((kept.ranges.len(), kept.count()), (MAX_RANGES, 499 + 100));
        assert!((0..4_000).all(|number| !kept.has(number) || numbers.contains(&number)));
        assert!((3_000..3_100).all(|number| kept.has(number)));
    }

    proptest! {
        #[test]
        fn numbers_become_ranges_and_back(numbers in proptest::collection::btree_set(0_u64..60, 0..60)) {
            let of = Coverage::of(60, numbers.iter().copied());
            prop_assert_eq!(of.flaw(), None);
            prop_assert_eq!(of.count(), numbers.len() as u64);
            prop_assert!((0..60).all(|number| of.has(number) == numbers.contains(&number)));
            let all_but = Coverage::all_but(60, numbers.iter().copied());
            prop_assert_eq!(all_but.flaw(), None);
            prop_assert!((0..60).all(|number| all_but.has(number) != numbers.contains(&number)));
            prop_assert!((0..=60).all(|end| of.clone().up_to(end) == Coverage::of(60, numbers.range(..end).copied())));
            prop_assert_eq!(of.is_whole(), numbers.len() == 60);
            prop_assert_eq!(all_but.is_whole(), numbers.is_empty());
        }

        #[test]
        fn a_number_is_included_if_it_is_in_a_range(number in 0_u64..20) {
            let ranges = [(1, 3), (5, 1), (7, 5)];
            let expected = ranges.iter().any(|&(first, count)| (first..first + count).contains(&number));
            prop_assert_eq!(coverage(20, &ranges).includes(number, Digest::ZERO), expected);
        }
    }
}
