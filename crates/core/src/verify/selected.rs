//! Reading the objects that were chosen, when the log was read, and saying exactly which were read.

use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;

use super::confidence::Confidence;
use super::objects::{Job, Jobs, ObjectJob};
use super::reading::{AFTER_THE_STOP, Chosen, Reading};
use super::selection::{Progress, Selection, digest_of_objects};
use crate::format::volume::VolumeNumber;
use crate::language::{Text, text};
use crate::model::Coverage;
use crate::verify::ReportVerdict;

impl Reading<'_> {
    /// Chooses the objects, now that the log is known to its end.
    pub(super) fn choose(&mut self) {
        let held = self.order.len() as u64;
        let mut before = Coverage::of(held, []);
        let numbers = match &self.request.selection {
            Selection::All => (0..held).collect(),
            Selection::Exhibits(exhibits) => {
                let objects: BTreeSet<_> =
                    exhibits.iter().filter_map(|id| self.log.exhibits.get(*id)?.object).collect();
                self.numbers_where(|number| objects.contains(&self.order[number]))
            }
            Selection::Sample(sample) => self.numbers_where(|number| sample.includes(self.order[number])),
            Selection::Since(since) => self.numbers_where(|number| {
                let named_by = self.objects.get(&self.order[number]).and_then(|held| held.named_by);
                named_by.is_some_and(|(entry, recorded_at)| since.includes(entry, recorded_at))
            }),
            Selection::Rest(progress) => {
                if progress.fits(&self.order) {
                    before.ranges.clone_from(&progress.read.ranges);
                } else {
                    self.report.has_begun_anew = true;
                }
                (0..held).filter(|&number| !before.has(number)).collect()
            }
        };
        self.chosen = Some(Chosen { numbers, before });
    }

    fn numbers_where(&self, is_chosen: impl Fn(usize) -> bool) -> Vec<u64> {
        (0..self.order.len()).filter(|&number| is_chosen(number)).map(|number| number as u64).collect()
    }

    /// Hands out the objects that were chosen, until what was given to this verification is used up.
    pub(super) fn read_chosen(&mut self, jobs: &Jobs<'_>) -> io::Result<()> {
        let Some(chosen) = &self.chosen else { return Ok(()) };
        let budget = self.request.budget;
        let objects = chosen.numbers.iter().filter_map(|&number| {
            let digest = self.order[usize::try_from(number).ok()?];
            Some((number, digest, self.objects.get(&digest)?))
        });
        let (mut bytes, mut until) = (0_u64, None);
        let within: Vec<_> = objects
            .enumerate()
            .take_while(|(place, (_, _, held))| {
                bytes = bytes.saturating_add(held.member.size_bytes);
                *place == 0 || budget.max_bytes.is_none_or(|most| bytes <= most)
            })
            .map(|(_, object)| object)
            .collect();
        self.watch.total(within.iter().map(|(_, _, held)| held.member.size_bytes).sum());
        let mut open: Option<(VolumeNumber, _)> = None;
        for (number, digest, held) in within {
            if self.watch.is_stopped() || until.is_some_and(|until| self.watch.elapsed() > until) {
                break;
            }
            let (volume, member) = (held.volume, held.member);
            let reader = match &open {
                Some((opened, reader)) if *opened == volume => Arc::clone(reader),
                _ => self.evidence.open(volume)?,
            };
            open = Some((volume, reader.clone()));
            jobs.send(Job::Object(ObjectJob { number: Some(number), volume, reader, digest, member, until }));
            // The first one is read in any case.
            until = budget.max_time;
        }
        Ok(())
    }

    /// Says in the report what was read, now that the workers have ended. `finished` is in ascending order.
    pub(super) fn settle(&mut self, finished: &[u64]) {
        let held = self.order.len() as u64;
        let chosen = self.chosen.take();
        let is_finished = |number: &u64| finished.binary_search(number).is_ok();
        let left: Option<Vec<u64>> = chosen
            .as_ref()
            .map(|chosen| chosen.numbers.iter().copied().filter(|number| !is_finished(number)).collect());
        let read = Coverage::of(held, finished.iter().copied());
        self.report.coverage = match (&self.request.selection, &left) {
            // An object that was not drawn was not meant, so only those that were drawn and not read limit the ranges.
            (Selection::Sample(sample), Some(left)) => {
                Coverage { sample: Some(*sample), ..Coverage::all_but(held, left.iter().copied()) }
            }
            _ => read,
        };
        // A number that may have been another object's when the log was written claims nothing. Where all were
        // read that makes no difference.
        if !self.report.coverage.is_whole() {
            let coverage = std::mem::replace(&mut self.report.coverage, Coverage::whole(0));
            self.report.coverage = coverage.up_to(self.numbered_up_to);
        }
        if !self.report.complete {
            let stopped = AFTER_THE_STOP.into();
            if !self.report.not_checked.contains(&stopped) {
                self.report.not_checked.push(stopped);
            }
        } else if let (Some(chosen), Some(left)) = (&chosen, &left) {
            self.say_what_was_not_meant(chosen);
            self.say_what_is_left(chosen, left);
            let is_whole_sample = matches!(self.request.selection, Selection::Sample(_)) && left.is_empty();
            let is_sound = self.report.failed_objects.is_empty() && self.report.log_verdict != ReportVerdict::Failed;
            if is_whole_sample && is_sound {
                self.report.confidence = Confidence::of_sound_sample(finished.len() as u64, held);
            }
        }
        self.report.progress = self.progress(chosen.as_ref(), finished);
    }

    /// How far a round has come. Only what reads the whole archive, in one run or in several, is a part of one.
    fn progress(&self, chosen: Option<&Chosen>, finished: &[u64]) -> Option<Progress> {
        let before = match (&self.request.selection, chosen) {
            (Selection::All, _) => None,
            (Selection::Rest(_), Some(chosen)) => Some(&chosen.before),
            _ => return None,
        };
        let held = self.order.len() as u64;
        let is_read =
            |&number: &u64| finished.binary_search(&number).is_ok() || before.is_some_and(|before| before.has(number));
        let read = Coverage::of(held, (0..held).filter(is_read));
        Some(Progress { read, objects: digest_of_objects(&self.order) })
    }

    fn say_what_was_not_meant(&mut self, chosen: &Chosen) {
        let others = self.order.len() - chosen.numbers.len();
        if others == 0 {
            return;
        }
        let of_them = match &self.request.selection {
            Selection::All => return,
            Selection::Exhibits(_) => ("of other exhibits", "다른 증거물의"),
            Selection::Sample(_) => ("that the sample leaves out", "표본에 들지 않은"),
            Selection::Since(_) => ("that were ingested before", "그전에 수록된"),
            Selection::Rest(_) => ("that this round has read before", "이번 검증 주기에서 이미 읽은"),
        };
        self.report.not_checked.push(text!(
            [of_them = Text::from(of_them)] "the bytes of {objects} {of_them}", "{of_them} 원본 객체 {others}개의 내용";
            objects = count_objects(others as u64)
        ));
    }

    fn say_what_is_left(&mut self, chosen: &Chosen, left: &[u64]) {
        let Some(first) = left.first() else { return };
        let meant = chosen.numbers.len();
        let of_whole = matches!(self.request.selection, Selection::All | Selection::Rest(_));
        let go_on = if of_whole {
            ("; the round can be resumed", " 검증 주기를 이어서 할 수 있습니다.")
        } else {
            ("", "")
        };
        self.report.not_checked.push(text!(
            [go_on = Text::from(go_on)]
            "the bytes of {left} of {meant} objects, from object number {first} on: as much as was asked for was read{go_on}",
            "{meant}개 가운데 원본 객체 {left}개의 내용({first}번부터): 요청한 만큼 읽었습니다.{go_on}";
            left = left.len()
        ));
    }
}

fn count_objects(count: u64) -> String {
    if count == 1 { "1 object".to_owned() } else { format!("{count} objects") }
}
