//! Damage of every kind, healed bit for bit from parity, from another copy, or from both; and what cannot
//! be healed stays as it was.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::desk::{Desk, Said, noise};
use crate::volume::{cut, flip, member, members};

/// The size of a block of parity for volumes as small as these.
const BLOCK: usize = 4096;

/// A desk with three volumes and parity for the two that are closed.
fn desk_with_parity() -> Desk {
    let desk = Desk::with_volumes();
    desk.run(["parity"]).well();
    desk
}

/// The numbers of a seed, one after the other.
struct Dice(Vec<u8>, usize);

impl Dice {
    fn new(seed: u64) -> Self {
        Self(noise(seed, 1 << 20), 0)
    }

    fn below(&mut self, limit: usize) -> usize {
        self.1 += 4;
        let bytes: [u8; 4] = self.0[self.1 - 4..self.1].try_into().unwrap();
        u32::from_le_bytes(bytes) as usize % limit
    }

    /// So many different numbers.
    fn pick(&mut self, count: usize, limit: usize) -> Vec<usize> {
        let mut picked = std::collections::BTreeSet::new();
        while picked.len() < count {
            picked.insert(self.below(limit));
        }
        picked.into_iter().collect()
    }
}

fn write(path: &Path, bytes: &[u8]) {
    use std::os::unix::fs::PermissionsExt;
    if path.exists() {
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
    }
    fs::write(path, bytes).unwrap();
}

/// The state of the volumes, to be compared.
fn volumes(desk: &Desk) -> Vec<Option<Vec<u8>>> {
    (0..4).map(|number| fs::read(desk.volume(number)).ok()).collect()
}

fn blocks_of(size: usize) -> (usize, usize) {
    let data = size.div_ceil(BLOCK);
    (data, (data * 5).div_ceil(100))
}

/// The plan finds damage and changes nothing; then it is healed, logged, and everything is as it was.
#[track_caller]
fn check_healed(desk: &Desk, whole: &[Option<Vec<u8>>], arguments: &[&str]) -> Said {
    let damaged = volumes(desk);
    let plan = [&["repair"], arguments].concat();
    desk.run(&plan).code(1).says("run the command again with --apply");
    assert_eq!(volumes(desk), damaged, "a plan changes nothing");
    let said = desk.run([&plan[..], &["--apply"]].concat()).well().says("Recorded as entry");
    for (number, (was, is)) in whole.iter().zip(volumes(desk)).enumerate() {
        // The entry about the repair goes behind the last volume.
        let (was, is) = (was.as_deref().unwrap_or_default(), is.unwrap_or_default());
        assert!(is.starts_with(was), "volume {number} is not healed bit for bit");
        assert!(number == 2 || is.len() == was.len(), "volume {number} has another size");
    }
    desk.check_sound();
    assert!(!desk.archive().join("repair").exists(), "nothing is left over");
    desk.run(["repair"]).well().says("No volume is damaged");
    said
}

/// It says that it cannot, and changes nothing.
#[track_caller]
fn check_not_healed(desk: &Desk, arguments: &[&str]) -> Said {
    let damaged = volumes(desk);
    let said = desk.run([&["repair", "--apply"], arguments].concat()).code(1).says("CANNOT be healed");
    assert_eq!(volumes(desk), damaged);
    assert!(!desk.archive().join("quarantine").exists());
    said
}

#[test]
fn a_sound_archive_has_nothing_to_heal() {
    let desk = desk_with_parity();
    let before = volumes(&desk);
    desk.run(["repair"]).well().says("No volume is damaged or missing");
    desk.run(["repair", "--apply"]).well().says("No volume is damaged or missing");
    assert_eq!(volumes(&desk), before);
}

#[test]
fn damage_at_random_up_to_the_promised_share_heals_bit_for_bit() {
    let desk = desk_with_parity();
    for seed in 0..12 {
        let mut dice = Dice::new(seed);
        let whole = volumes(&desk);
        let number = dice.below(2);
        let path = desk.volume(number as u32);
        let mut bytes = whole[number].clone().unwrap();
        let (data, recovery) = blocks_of(bytes.len());
        match seed % 4 {
            // Single bytes, each in another block.
            0 => {
                for block in dice.pick(recovery, data) {
                    let end = ((block + 1) * BLOCK).min(bytes.len());
                    let at = block * BLOCK + dice.below(end - block * BLOCK);
                    bytes[at] ^= 1 << dice.below(8);
                }
            }
            // One burst, as long as can be promised wherever it begins.
            1 => {
                let length = (recovery - 1) * BLOCK;
                let at = dice.below(bytes.len() - length);
                let garbage = noise(seed + 100, length);
                bytes[at..at + length].copy_from_slice(&garbage);
            }
            // Whole blocks of zeros, exactly the share.
            2 => {
                for block in dice.pick(recovery, data) {
                    let end = ((block + 1) * BLOCK).min(bytes.len());
                    bytes[block * BLOCK..end].fill(0);
                }
            }
            // A few, here and there.
            _ => {
                for _ in 0..1 + dice.below(recovery) {
                    let at = dice.below(bytes.len());
                    bytes[at] = bytes[at].wrapping_add(1);
                }
            }
        }
        write(&path, &bytes);
        check_healed(&desk, &whole, &[]);
    }
    let log = desk.run(["log"]).well();
    assert_eq!(log.out.matches("parity").count(), 12, "{log:?}");
}

#[test]
fn one_block_more_than_promised_is_not_healed_and_nothing_is_changed() {
    for seed in 0..3 {
        let desk = desk_with_parity();
        let mut bytes = fs::read(desk.volume(0)).unwrap();
        let (data, recovery) = blocks_of(bytes.len());
        for block in Dice::new(seed).pick(recovery + 1, data) {
            bytes[block * BLOCK] ^= 1;
        }
        write(&desk.volume(0), &bytes);
        let said = check_not_healed(&desk, &[]);
        said.says(&format!("{} blocks are damaged, and there is parity for {recovery}", recovery + 1));
    }
}

#[test]
fn every_kind_of_member_heals() {
    let desk = desk_with_parity();
    let copy = desk.copy_archive("copy");
    for name in ["objects/", "fields/", "log/", "checkpoints/"] {
        for is_header in [true, false] {
            for source in [&[][..], &["--from", "copy"]] {
                let whole = volumes(&desk);
                let place = member(&desk.volume(1), name, 0);
                let at = if is_header { place.header + 130 } else { place.content + place.size - 9 };
                flip(&desk.volume(1), at, 2);
                check_healed(&desk, &whole, source);
            }
        }
    }
    assert!(copy.exists());
}

#[test]
fn a_cut_volume_heals_as_far_as_parity_goes() {
    let desk = desk_with_parity();
    let whole = volumes(&desk);
    let size = whole[0].as_ref().unwrap().len();
    let (_, recovery) = blocks_of(size);
    for cut_off in [1, 512, 1024, 1500, (recovery - 1) * BLOCK] {
        let whole = volumes(&desk);
        cut(&desk.volume(0), size - cut_off);
        check_healed(&desk, &whole, &[]);
    }
    cut(&desk.volume(0), size - (recovery + 1) * BLOCK);
    desk.run(["repair"]).code(1).says("nothing can be healed with what is there").says("--from DIR");
}

#[test]
fn bytes_behind_the_end_of_a_closed_volume_are_taken_off_and_kept() {
    let desk = desk_with_parity();
    let whole = volumes(&desk);
    let longer = [whole[0].clone().unwrap(), b"something else".to_vec()].concat();
    write(&desk.volume(0), &longer);
    let said = desk.run(["repair", "--apply"]).well().says("the damaged bytes are kept in");
    // No byte of the volume was replaced, so there is nothing to log.
    assert!(!said.out.contains("Recorded as entry"), "{said:#?}");
    assert_eq!(volumes(&desk), whole);
    desk.check_sound();
    assert_eq!(fs::read(quarantined(&desk, "damaged")).unwrap(), b"something else");
}

/// The one file in the quarantine folder with this ending.
fn quarantined(desk: &Desk, ending: &str) -> PathBuf {
    let items = fs::read_dir(desk.archive().join("quarantine")).unwrap().map(|item| item.unwrap().path());
    let mut found = items.filter(|path| path.extension().is_some_and(|found| found == ending));
    let path = found.next().unwrap();
    assert!(found.next().is_none());
    path
}

#[test]
fn what_is_replaced_is_kept_and_the_log_tells_where_it_was() {
    let desk = desk_with_parity();
    let whole = volumes(&desk);
    let mut bytes = whole[0].clone().unwrap();
    bytes[5_000] ^= 0xff;
    bytes[900_000] ^= 0xff;
    write(&desk.volume(0), &bytes);
    let said = check_healed(&desk, &whole, &[]);
    let of = |ending: &str| quarantined(&desk, ending).display().to_string();
    said.says(&format!("the damaged bytes are kept in {}", of("damaged")))
        .says(&format!("their places in the volume are listed in {}", of("txt")));
    let kept = fs::read(quarantined(&desk, "damaged")).unwrap();
    let list = fs::read_to_string(quarantined(&desk, "txt")).unwrap();
    let places: Vec<Vec<usize>> = list
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.split(' ').map(|number| number.parse().unwrap()).collect())
        .collect();
    assert_eq!(places, [vec![0, 4608, 512], vec![512, 899_584, 512]]);
    for place in &places {
        assert_eq!(kept[place[0]..place[0] + place[2]], bytes[place[1]..place[1] + place[2]]);
    }
    let entry = desk.run(["log", "--json", "--last", "1"]).well().json_lines().remove(0);
    let text = entry.to_string();
    assert!(text.contains("archive.repaired") && text.contains("899584"), "{text}");
}

#[test]
fn damaged_parity_heals_what_it_still_can() {
    let desk = desk_with_parity();
    let whole = volumes(&desk);
    let parity = fs::read(desk.parity(0)).unwrap();
    let (data, recovery) = blocks_of(whole[0].as_ref().unwrap().len());
    let table = (1 + (data + recovery).div_ceil(127)) * 4096;
    // A page of the table, both headers but one, and all recovery blocks but two.
    let mut damaged = parity.clone();
    damaged[100] ^= 1;
    damaged[4096 + 5] ^= 1;
    for block in 0..recovery - 2 {
        damaged[table + block * BLOCK + 7] ^= 1;
    }
    write(&desk.parity(0), &damaged);
    let mut bytes = whole[0].clone().unwrap();
    bytes[10_000] ^= 1;
    bytes[1_000_000] ^= 1;
    write(&desk.volume(0), &bytes);
    check_healed(&desk, &whole, &[]);
    bytes[500_000] ^= 1;
    write(&desk.volume(0), &bytes);
    desk.run(["repair"]).code(1).says("3 blocks are damaged, and there is parity for 2");
}

#[test]
fn parity_that_is_nonsense_heals_nothing_and_harms_nothing() {
    let desk = desk_with_parity();
    flip(&desk.volume(0), 5_000, 1);
    let other = fs::read(desk.parity(1)).unwrap();
    let whole = fs::read(desk.parity(0)).unwrap();
    for nonsense in [Vec::new(), vec![0; 10_000], noise(3, 50_000), other, whole[..4000].to_vec()] {
        write(&desk.parity(0), &nonsense);
        check_not_healed(&desk, &[]);
    }
}

#[test]
fn parity_of_other_bytes_does_not_get_them_into_the_archive() {
    // Somebody changes an object and makes parity that fits the change.
    let desk = desk_with_parity();
    let forged = Desk::with_volumes();
    forged.run(["parity"]).well();
    write(&desk.parity(0), &fs::read(forged.parity(0)).unwrap());
    flip(&desk.volume(0), 5_000, 1);
    let before = volumes(&desk);
    desk.run(["repair", "--apply"]).code(1);
    assert_eq!(volumes(&desk), before);
}

#[test]
fn a_missing_volume_comes_from_a_copy() {
    for number in 0..3 {
        let desk = Desk::with_volumes();
        let whole = volumes(&desk);
        desk.copy_archive("copy");
        fs::remove_file(desk.volume(number)).unwrap();
        let plan = desk.run(["repair", "--json", "--from", "copy"]).code(1).json();
        assert_eq!(plan["volumes"][0]["volume"], number);
        assert_eq!(plan["volumes"][0]["is_missing"], true);
        check_healed(&desk, &whole, &["--from", "copy"]);
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(desk.volume(0)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o400, "a closed volume is read-only");
    }
}

#[test]
fn all_volumes_come_from_a_copy() {
    let desk = Desk::with_volumes();
    let whole = volumes(&desk);
    desk.copy_archive("copy");
    fs::remove_dir_all(desk.archive().join("volumes")).unwrap();
    fs::remove_dir_all(desk.archive().join("index")).unwrap();
    check_healed(&desk, &whole, &["--from", "copy"]);
}

#[test]
fn a_volume_without_bytes_comes_from_a_copy() {
    let desk = desk_with_parity();
    let whole = volumes(&desk);
    desk.copy_archive("copy");
    cut(&desk.volume(1), 0);
    check_healed(&desk, &whole, &["--from", "copy"]);
}

#[test]
fn the_open_volume_heals_from_a_copy_and_from_nothing_else() {
    let desk = desk_with_parity();
    let whole = volumes(&desk);
    desk.copy_archive("copy");
    let object = member(&desk.volume(2), "objects/", 2);
    flip(&desk.volume(2), object.content, 0);
    check_not_healed(&desk, &[]);
    check_healed(&desk, &whole, &["--from", "copy"]);
    // Its end is gone, which looks like an interruption.
    let whole = volumes(&desk);
    fs::remove_dir_all(desk.path("copy")).unwrap();
    desk.copy_archive("copy");
    let last = members(&desk.volume(2)).pop().unwrap();
    cut(&desk.volume(2), last.header);
    check_healed(&desk, &whole, &["--from", "copy"]);
}

#[test]
fn a_copy_that_is_behind_gives_what_it_has() {
    let desk = Desk::with_volumes();
    desk.copy_archive("copy");
    let exhibit = desk.ingest("late.txt", "after the copy was made");
    let whole = volumes(&desk);
    flip(&desk.volume(2), member(&desk.volume(2), "objects/", 0).content, 0);
    check_healed(&desk, &whole, &["--from", "copy"]);
    desk.run(["get", &exhibit, "--to", "late-copy", "--purpose", "x"]).well();
    // What came after the copy, it cannot have.
    let mut objects = members(&desk.volume(2)).into_iter().filter(|member| member.name.starts_with("objects/"));
    flip(&desk.volume(2), objects.next_back().unwrap().content, 0);
    check_not_healed_from(&desk, "copy");
}

#[track_caller]
fn check_not_healed_from(desk: &Desk, copy: &str) {
    let damaged = volumes(desk);
    desk.run(["repair", "--apply", "--from", copy]).code(1).says("CANNOT be healed");
    assert_eq!(volumes(desk), damaged);
}

#[test]
fn a_damaged_copy_gives_what_is_right_in_it() {
    let desk = Desk::with_volumes();
    let whole = volumes(&desk);
    let copy = desk.copy_archive("copy");
    let objects: Vec<_> =
        members(&desk.volume(0)).into_iter().filter(|member| member.name.starts_with("objects/")).collect();
    // Different objects are damaged here and there: each side has what the other lacks.
    flip(&desk.volume(0), objects[0].content + 40, 0);
    flip(&copy.join("volumes/000000.tar"), objects[1].content + 1, 0);
    check_healed(&desk, &whole, &["--from", "copy"]);
    // The same object in both: no side has it, and nothing wrong is taken.
    let other = &objects[2];
    flip(&desk.volume(0), other.content + 1, 0);
    flip(&copy.join("volumes/000000.tar"), other.content + 7, 0);
    check_not_healed_from(&desk, "copy");
}

#[test]
fn two_damaged_copies_and_parity_heal_together() {
    let desk = desk_with_parity();
    let whole = volumes(&desk);
    let copy = desk.copy_archive("copy");
    let mut own = whole[0].clone().unwrap();
    let mut other = own.clone();
    let (data, recovery) = blocks_of(own.len());
    // Far more than the share here, half of it in the copy, too; both at once only in as many as parity heals.
    let mut dice = Dice::new(7);
    let here = dice.pick(10 * recovery, data);
    for (number, block) in here.iter().enumerate() {
        own[block * BLOCK + 11] ^= 1;
        if number < recovery {
            other[block * BLOCK + 12] ^= 1;
        }
    }
    write(&desk.volume(0), &own);
    write(&copy.join("volumes/000000.tar"), &other);
    check_healed(&desk, &whole, &["--from", "copy"]).says("healed from the copy").says("healed from parity");
}

#[test]
fn what_can_be_healed_is_healed_although_something_else_cannot() {
    let desk = desk_with_parity();
    let whole = volumes(&desk);
    flip(&desk.volume(0), 5_000, 0);
    let lost = member(&desk.volume(2), "objects/", 0);
    flip(&desk.volume(2), lost.content, 0);
    let said = desk.run(["repair", "--apply"]).code(1);
    said.says("healed from parity").says("could NOT be healed").says("Recorded as entry");
    assert_eq!(fs::read(desk.volume(0)).ok(), whole[0]);
    let (_, codes) = desk.findings();
    assert_eq!(codes, ["V102"]);
}

#[test]
fn another_archive_is_no_copy() {
    let desk = Desk::with_volumes();
    let stranger = Desk::with_volumes();
    let log = member(&desk.volume(0), "log/", 1);
    flip(&desk.volume(0), log.content + 200, 0);
    let before = volumes(&desk);
    for from in [stranger.archive(), desk.archive(), desk.path("nowhere")] {
        let said = desk.run(["repair", "--apply", "--from", from.to_str().unwrap()]).code(3);
        assert!(said.err.contains("not another copy") || said.err.contains("there is no such folder"), "{said:?}");
    }
    // With our archive.json in it, its log is still another one.
    fs::copy(desk.archive().join("archive.json"), stranger.archive().join("archive.json")).unwrap();
    desk.run(["repair", "--apply", "--from", stranger.archive().to_str().unwrap()]).code(1).says("CANNOT be healed");
    assert_eq!(volumes(&desk), before);
}

#[test]
fn a_repair_without_the_keys_is_logged_later() {
    let desk = desk_with_parity();
    let whole = volumes(&desk);
    flip(&desk.volume(0), 5_000, 0);
    fs::rename(desk.path("home/keys"), desk.path("home/keys-elsewhere")).unwrap();
    desk.run(["repair", "--apply"]).well().notes("cannot be logged yet");
    assert_eq!(volumes(&desk), whole);
    desk.check_sound();
    desk.run(["repair"]).well().says("not logged yet");
    fs::rename(desk.path("home/keys-elsewhere"), desk.path("home/keys")).unwrap();
    desk.run(["repair", "--apply"]).well().says("Recorded as entry");
    desk.run(["repair", "--apply"]).well().says("No volume is damaged");
    assert_eq!(desk.run(["log"]).well().out.matches("parity").count(), 1);
}

/// How many repairs are in the log.
fn logged(desk: &Desk) -> usize {
    desk.run(["log"]).well().out.matches("parity").count()
}

/// Heals a byte of the first volume while the keys are away, so that the repair is noted and not logged.
fn repair_without_keys(desk: &Desk, at: usize) {
    flip(&desk.volume(0), at, 0);
    fs::rename(desk.path("home/keys"), desk.path("home/keys-elsewhere")).unwrap();
    desk.run(["repair", "--apply"]).well().notes("cannot be logged yet");
    fs::rename(desk.path("home/keys-elsewhere"), desk.path("home/keys")).unwrap();
}

#[test]
fn a_repair_is_logged_although_the_same_place_is_damaged_again_before() {
    let desk = desk_with_parity();
    repair_without_keys(&desk, 5_000);
    repair_without_keys(&desk, 5_000);
    flip(&desk.volume(0), 5_001, 0);
    desk.run(["repair", "--apply"]).well();
    assert_eq!(logged(&desk), 3);
    desk.check_sound();
}

#[test]
fn a_noted_repair_waits_while_the_place_is_damaged_and_cannot_be_healed() {
    let desk = desk_with_parity();
    repair_without_keys(&desk, 5_000);
    flip(&desk.volume(0), 5_000, 0);
    let parity = fs::read(desk.parity(0)).unwrap();
    fs::remove_file(desk.parity(0)).unwrap();
    let said = desk.run(["repair", "--apply"]).code(1);
    said.says("could NOT be healed").says("not logged, since the bytes of an earlier repair are no longer there");
    write(&desk.parity(0), &parity);
    desk.run(["repair", "--apply"]).well();
    assert_eq!(logged(&desk), 2);
}

#[test]
fn a_note_of_bytes_that_are_not_in_the_volume_is_not_logged() {
    let desk = desk_with_parity();
    repair_without_keys(&desk, 5_000);
    let notes = desk.archive().join("repair/healed.json");
    let text = fs::read_to_string(&notes).unwrap();
    assert!(text.contains("\"offset\":4608"), "{text}");
    fs::write(&notes, text.replace("\"offset\":4608", "\"offset\":9728")).unwrap();
    let said = desk.run(["repair", "--apply"]).code(1);
    said.says("not logged, since the bytes of an earlier repair are no longer there").says("512 bytes at byte 9,728");
    assert_eq!(logged(&desk), 0);
    fs::write(&notes, text).unwrap();
    desk.run(["repair", "--apply"]).well().says("Recorded as entry");
    assert_eq!(logged(&desk), 1);
}

#[test]
fn damaged_notes_of_a_repair_are_told_and_put_aside_and_stop_nothing() {
    let twice = r#"{"0":[{"source":"parity","healed_at":"2026-01-01T00:00:00.000Z","stretches":[]}]}"#;
    for damaged in ["", "{", twice] {
        let desk = desk_with_parity();
        let whole = volumes(&desk);
        flip(&desk.volume(0), 5_000, 0);
        desk.write("archive/repair/healed.json", damaged);
        desk.run(["repair"])
            .code(1)
            .says("can be healed from parity")
            .says("healed.json")
            .says("The log may not contain an earlier repair");
        assert!(!desk.run(["repair", "--json"]).code(1).json()["unreadable_notes"].is_null());
        desk.run(["repair", "--apply"]).code(1).notes("healed.json").says("Recorded as entry");
        assert_eq!(fs::read(desk.volume(0)).ok(), whole[0]);
        let kept = fs::read_dir(desk.archive().join("quarantine")).unwrap().map(|item| item.unwrap().path());
        let mut kept = kept.filter(|path| path.to_string_lossy().contains("healed.json-"));
        assert_eq!(fs::read_to_string(kept.next().unwrap()).unwrap(), damaged);
        desk.run(["repair"]).well();
        desk.check_sound();
    }
}

#[test]
fn a_repair_that_is_refused_leaves_no_large_file_behind() {
    // Parity of another archive of the same name: what it computes is not what the log names.
    let desk = desk_with_parity();
    let forged = Desk::with_volumes();
    forged.run(["parity"]).well();
    write(&desk.parity(0), &fs::read(forged.parity(0)).unwrap());
    flip(&desk.volume(0), 5_000, 1);
    desk.run(["repair", "--apply"]).code(1);
    assert!(!desk.archive().join("repair").exists());
    // What a power cut left is removed by the next repair.
    desk.write("archive/repair/000000.tar-2026-01-01T00-00-00-000Z.new", "a volume that was being written");
    desk.run(["repair", "--apply"]).code(1);
    assert!(!desk.archive().join("repair").exists());
}

#[test]
fn an_archive_that_does_not_open_is_healed() {
    let desk = desk_with_parity();
    let whole = volumes(&desk);
    // The first entry, without which nothing opens, and the index that might help.
    let log = member(&desk.volume(0), "log/", 0);
    flip(&desk.volume(0), log.content + 5, 0);
    fs::remove_dir_all(desk.archive().join("index")).unwrap();
    desk.run(["list"]).code(3).hints("vouchsafe repair");
    check_healed(&desk, &whole, &[]);
}

#[test]
fn a_plan_is_data_for_programs() {
    let desk = desk_with_parity();
    flip(&desk.volume(0), 5_000, 0);
    let plan = desk.run(["repair", "--json"]).code(1).json();
    assert_eq!(plan["applied"], false);
    let volume: &Value = &plan["volumes"][0];
    assert_eq!(volume["from_parity"], serde_json::json!([{ "offset": 4096, "size_bytes": 4096, "volume": 0 }]));
    assert_eq!(volume["not_healed"], serde_json::json!([]));
    let done = desk.run(["repair", "--json", "--apply"]).well().json();
    assert_eq!(
        done["repaired"]["from_parity"],
        serde_json::json!([{ "offset": 4608, "size_bytes": 512, "volume": 0 }])
    );
    assert!(done["recorded_as"][0].is_u64(), "{done}");
}

#[test]
fn entries_that_are_gone_without_any_damage_are_told() {
    let desk = Desk::new();
    let exhibit = desk.ingest("a.txt", "a");
    let before = fs::metadata(desk.volume(0)).unwrap().len();
    desk.run(["note", &exhibit, "a remark that disappears"]).well();
    crate::volume::cut(&desk.volume(0), usize::try_from(before).unwrap());
    let said = desk.run(["repair"]).code(1).says("1 entry that this machine has seen is missing");
    said.says("vouchsafe repair --from DIR");
    assert_eq!(desk.run(["repair", "--json"]).code(1).json()["missing_entries"], 1);
}

/// Another computer with the same keys, which has not seen what the first one saw last: writes a note in a folder.
fn note_from_elsewhere(desk: &Desk, home: &str, archive: &Path, exhibit: &str, text: &str) {
    let mut command = desk.command(["--archive", archive.to_str().unwrap(), "note", exhibit, text]);
    Said::by({
        command.env("VOUCHSAFE_HOME", desk.path(home));
        command
    })
    .well();
}

#[test]
fn a_copy_that_is_older_than_what_was_seen_heals_as_far_as_it_goes() {
    let desk = Desk::with_volumes();
    desk.copy_archive("copy");
    let before = volumes(&desk);
    let exhibit = desk.ingest("late.txt", "after the copy was made");
    desk.run(["note", &exhibit, "a remark"]).well();
    fs::remove_file(desk.volume(2)).unwrap();
    desk.run(["repair", "--from", "copy"]).code(1).says("000002.tar is missing");
    let said = desk.run(["repair", "--from", "copy", "--apply"]).code(1);
    said.says("healed from the copy").says("2 entries that this machine has seen are still missing");
    assert_eq!(volumes(&desk), before);
    desk.run(["list"]).code(1).notes("this machine has seen");
    desk.run(["repair", "--from", "copy", "--apply"])
        .code(1)
        .says("2 entries that this machine has seen are still missing");
    // Whoever has no better copy accepts it, and then the repair is logged.
    let said = desk.run(["rebuild"]).failed("the index was rebuilt from the ").notes("in the volumes, but the log has");
    assert_eq!(said.out, "", "it is told as what it is: {said:#?}");
    desk.run(["head", "--accept"]).well();
    desk.run(["repair", "--apply"]).well().says("Recorded as entry");
    desk.check_sound();
}

#[test]
fn a_copy_with_another_history_is_refused() {
    let desk = Desk::new();
    let exhibit = desk.ingest("a.txt", "a");
    let copy = desk.copy_archive("copy");
    crate::desk::copy_folder(&desk.path("home"), &desk.path("home2"));
    desk.run(["note", &exhibit, "one remark"]).well();
    for text in ["another remark", "and one more"] {
        note_from_elsewhere(&desk, "home2", &copy, &exhibit, text);
        let before = volumes(&desk);
        for apply in [&["--apply"][..], &[]] {
            let said = desk.run([&["repair", "--from", "copy"], apply].concat());
            said.failed("the first 3 entries in the copy differ from those in the archive")
                .hints("nothing was changed");
        }
        assert_eq!(volumes(&desk), before);
    }
    // Damage makes no difference, as long as the place where they part can be read.
    flip(&desk.volume(0), member(&desk.volume(0), "objects/", 0).content, 0);
    desk.run(["repair", "--from", "copy", "--apply"]).failed("differ from those in the archive");
}

#[test]
fn an_archive_that_ends_before_its_copy_is_told_so_and_gets_the_rest() {
    let desk = Desk::new();
    let exhibit = desk.ingest("a.txt", "a");
    let short = desk.copy_archive("short");
    desk.run(["note", &exhibit, "one remark"]).well();
    desk.run(["note", &exhibit, "another remark"]).well();
    let whole = desk.copy_archive("whole");
    let at = |command: &[&str]| desk.run([&["--archive", "short"], command].concat());
    let said = at(&["repair", "--from", "whole"]).code(1);
    assert!(!said.out.contains("damaged"), "{said:#?}");
    said.says("continues after the end of the archive's: 2 entries more").says("ends too early");
    assert_eq!(at(&["repair", "--json", "--from", "whole"]).code(1).json()["copy_is_ahead_by"], 2);
    at(&["repair", "--from", "whole", "--apply"]).well().says("healed from the copy").says("Recorded as entry");
    let [short, whole] = [short, whole].map(|folder| fs::read(folder.join("volumes/000000.tar")).unwrap());
    assert!(short.starts_with(&whole) && short.len() > whole.len());
}

#[test]
fn an_archive_that_lacks_whole_volumes_of_its_copy_gets_them() {
    let desk = Desk::new();
    for number in 0..6 {
        desk.write(format!("deposit-{number}/a.bin"), noise(number, 800_000));
        desk.ingest_into_small_volumes(&format!("deposit-{number}"));
        if number == 2 {
            desk.copy_archive("short");
        }
    }
    let whole = volumes(&desk);
    assert!(desk.volume(2).exists() && !desk.path("short/volumes/000002.tar").exists());
    let at = |command: &[&str]| desk.run([&["--archive", "short"], command].concat());
    let said = at(&["repair", "--from", "archive"]).code(1).says("3 entries more");
    said.says("volumes/000001.tar ends too early").says("volumes/000002.tar is missing");
    at(&["repair", "--from", "archive", "--apply"]).well().says("Recorded as entry");
    for (number, whole) in whole.into_iter().enumerate().filter_map(|(number, whole)| Some((number, whole?))) {
        let healed = fs::read(desk.path(format!("short/volumes/{number:06}.tar"))).unwrap();
        assert!(healed.starts_with(&whole), "volume {number}");
    }
    at(&["verify"]).well().says("SOUND");
}

/// As on a machine that has never seen the archive.
fn forget(desk: &Desk) {
    let _ = fs::remove_dir_all(desk.path("home/known"));
}

#[test]
fn a_first_volume_without_a_commit_is_damaged() {
    let desk = Desk::new();
    desk.ingest("a.txt", noise(3, 4000));
    desk.copy_archive("copy");
    let whole = desk.volume_bytes();
    let header = whole[..100].to_vec();
    for damaged in [vec![0; whole.len()], noise(4, whole.len()), vec![0; 1024], header, Vec::new()] {
        write(&desk.volume(0), &damaged);
        let _ = fs::remove_dir_all(desk.archive().join("index"));
        forget(&desk);
        let said = desk.run(["repair"]).code(1).says("volumes/000000.tar").says("vouchsafe repair --from DIR");
        assert!(!said.out.contains("No volume is damaged"), "{said:#?}");
        desk.run(["repair", "--from", "copy"]).code(1).says("can be healed from the copy");
    }
    let said = desk.run(["repair", "--from", "copy", "--apply"]).well();
    said.says("Recorded as entry");
    assert!(desk.volume_bytes().starts_with(&whole));
    // A copy that is no better helps nothing.
    write(&desk.path("copy/volumes/000000.tar"), &vec![0; whole.len()]);
    write(&desk.volume(0), &noise(5, whole.len()));
    forget(&desk);
    desk.run(["repair", "--from", "copy"]).code(1).says("CANNOT be healed");
}

#[test]
fn nothing_is_logged_upon_a_copy_with_an_unreadable_end() {
    for is_other_there in [true, false] {
        let desk = Desk::new();
        let exhibit = desk.ingest("a.txt", "a");
        let before = desk.volume_bytes().len();
        desk.run(["note", &exhibit, "a remark"]).well();
        let whole = desk.volume_bytes();
        let [copy, _] = ["copy", "whole"].map(|name| desk.copy_archive(name).join("volumes/000000.tar"));
        write(&copy, &[&whole[..before], &noise(6, whole.len() - before)].concat());
        write(&desk.volume(0), &noise(7, whole.len()));
        fs::remove_dir_all(desk.archive().join("index")).unwrap();
        forget(&desk);
        desk.run(["repair", "--from", "copy"]).code(1).says("are not readable: it may lack entries");
        let said = desk.run(["repair", "--from", "copy", "--apply"]).code(1).says("The log may lack entries");
        assert!(!said.out.contains("Recorded"), "{said:#?}");
        assert_eq!(desk.volume_bytes(), whole[..before]);
        if is_other_there {
            desk.run(["repair", "--from", "whole", "--apply"]).well().says("Recorded as entry");
            assert!(desk.volume_bytes().starts_with(&whole));
        } else {
            desk.run(["repair", "--apply"]).well().says("Recorded as entry");
        }
        desk.check_sound();
    }
}
