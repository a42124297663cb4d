//! What a sample says of what it leaves out.

use serde::Serialize;

/// How sure [`Confidence::damaged_fewer_than`] is.
pub const CONFIDENCE_PERCENT: u64 = 95;

crate::shape::described! {
    /// What follows from a sample in which nothing was found, where damage strikes without knowing the sample.
    ///
    /// Each object is drawn by itself, with the same probability. Given how many were drawn, every choice of so many
    /// objects is as likely as any other, so the number of damaged ones among them is hypergeometric
    /// (W. G. Cochran, *Sampling Techniques*, 3rd edition 1977, §3.2 and §3.6). If `k` of `N` objects are
    /// damaged, a sample of `n` misses all of them with the probability
    ///
    /// ```text
    /// C(N - k, n) / C(N, n) = product over i = 0 … k-1 of (N - n - i) / (N - i)
    /// ```
    ///
    /// For a small share of a large archive this is about `(1 - k/N)^n`, and with 95 % about `k < 3 N / n`,
    /// the rule of three.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
    pub struct Confidence {
        /// How sure that is.
        pub confidence_percent: u64,
        /// Fewer than so many of the objects are damaged. If so many or more were, a sample of this size would
        /// show at least one of them in at least 95 of 100 cases.
        pub damaged_fewer_than: u64,
        /// How many objects were drawn and read.
        pub drawn: u64,
        /// How many objects there were to draw from.
        pub held: u64,
    }
}

impl Confidence {
    /// What a sample says of `held` objects if `drawn` of them were read and none was damaged. `None` if
    /// nothing was drawn.
    #[must_use]
    #[allow(clippy::cast_precision_loss, reason = "archives hold less than 2^53 objects")]
    pub fn of_sound_sample(drawn: u64, held: u64) -> Option<Self> {
        if drawn == 0 || drawn > held {
            return None;
        }
        // The last digits of the product may be rounded up; that must not cost a whole object.
        let limit = (1.0 - CONFIDENCE_PERCENT as f64 / 100.0) * (1.0 + 1e-12);
        let (mut damaged, mut missed) = (0, 1.0);
        while missed > limit {
            missed *= (held - drawn).saturating_sub(damaged) as f64 / (held - damaged) as f64;
            damaged += 1;
        }
        Some(Self { confidence_percent: CONFIDENCE_PERCENT, damaged_fewer_than: damaged, drawn, held })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many of all samples of `drawn` out of `held` objects hold none of the first `damaged`, and how many
    /// samples there are: by looking at each.
    fn samples_that_miss(held: u64, drawn: u64, damaged: u64) -> (u64, u64) {
        let of_size = (0_u32..1 << held).filter(|sample| u64::from(sample.count_ones()) == drawn);
        of_size.fold((0, 0), |(missed, all), sample| (missed + u64::from(sample & ((1 << damaged) - 1) == 0), all + 1))
    }

    #[test]
    fn the_confidence_is_that_of_counting_all_samples() {
        for held in 1..=10 {
            for drawn in 1..=held {
                let is_enough = |&damaged: &u64| {
                    let (missed, all) = samples_that_miss(held, drawn, damaged);
                    missed * 100 <= all * (100 - CONFIDENCE_PERCENT)
                };
                let expected = (0..=held).find(is_enough).unwrap();
                let said = Confidence::of_sound_sample(drawn, held).unwrap();
                assert_eq!(said.damaged_fewer_than, expected, "{drawn} of {held}");
            }
        }
    }

    #[test]
    fn a_bound_that_is_met_exactly_counts() {
        // One damaged object of 20 is missed by a sample of 19 in exactly 5 % of the cases.
        assert_eq!(Confidence::of_sound_sample(19, 20).unwrap().damaged_fewer_than, 1);
        assert_eq!(Confidence::of_sound_sample(18, 20).unwrap().damaged_fewer_than, 2);
    }

    #[test]
    fn a_large_archive_follows_the_rule_of_three() {
        let said = Confidence::of_sound_sample(50_000, 1_000_000).unwrap();
        assert_eq!(said.damaged_fewer_than, 59);
        let said = Confidence::of_sound_sample(1_000, 1_000_000).unwrap();
        assert!((2_980..3_000).contains(&said.damaged_fewer_than), "{said:?}");
        assert_eq!(Confidence::of_sound_sample(1_000, 1_000).unwrap().damaged_fewer_than, 1);
        assert_eq!(Confidence::of_sound_sample(0, 1_000), None);
    }
}
