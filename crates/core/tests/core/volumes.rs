//! Volumes: a header has one form, and what is not whole is never taken for a member.

use std::io;

use proptest::prelude::*;
use vouchsafe_core::digest::Digest;
use vouchsafe_core::format::volume::{
    BLOCK_BYTES, END_BYTES, Found, MAX_USTAR_SIZE_BYTES, Member, MemberName, PIECE_BYTES, Pieces, ReadAt, VolumeNumber,
    find_member_after, header, header_bytes, look_at, padding_bytes, pieces, pieces_through, read_exact_at,
};
use vouchsafe_core::verify::{Unwatched, Watch, hash_pieces};

use crate::samples;

/// All pieces, one after the other, and how many they were.
fn joined<B: AsMut<[u8]>>(mut pieces: Pieces<'_, B>) -> io::Result<(Vec<u8>, usize)> {
    let (mut bytes, mut count) = (Vec::new(), 0);
    while let Some(piece) = pieces.next_piece()? {
        assert!(!piece.is_empty() && piece.len() <= PIECE_BYTES);
        bytes.extend_from_slice(piece);
        count += 1;
    }
    assert!(pieces.is_done());
    Ok((bytes, count))
}

/// A member as it lies in a volume.
pub fn member(name: MemberName, content: &[u8], extended: bool) -> Vec<u8> {
    let mut bytes = header(name, content.len() as u64, extended);
    bytes.extend_from_slice(content);
    bytes.resize(bytes.len() + usize::try_from(padding_bytes(content.len() as u64)).unwrap(), 0);
    bytes
}

fn look(bytes: &[u8], offset: u64) -> Found {
    look_at(&bytes.to_vec(), offset).unwrap()
}

/// A volume of any size: some bytes, and zeros up to the end.
struct Sparse {
    start: Vec<u8>,
    size_bytes: u64,
}

impl ReadAt for Sparse {
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.size_bytes.saturating_sub(offset)).unwrap_or(usize::MAX);
        // One byte at a time: a source may return less than was asked for.
        let count = left.min(buffer.len()).min(1);
        for byte in &mut buffer[..count] {
            *byte = usize::try_from(offset).ok().and_then(|at| self.start.get(at)).copied().unwrap_or(0);
        }
        Ok(count)
    }

    fn size_bytes(&self) -> io::Result<u64> {
        Ok(self.size_bytes)
    }
}

fn any_content() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..40),
        proptest::sample::select(&[0_usize, 1, 511, 512, 513, 1024, 1500][..]).prop_map(|size| vec![0xa5; size]),
    ]
}

fn any_size() -> impl Strategy<Value = u64> {
    const LARGEST: u64 = MAX_USTAR_SIZE_BYTES;
    prop_oneof![
        0..2_000_u64,
        LARGEST - 600..LARGEST + 600,
        0..1_u64 << 62,
        proptest::sample::select(&[0_u64, 1, 9, 10, 99_999, LARGEST, LARGEST + 1, 1 << 62][..]),
    ]
}

#[test]
fn large_ranges_come_in_pieces_of_a_limited_size() {
    let bytes: Vec<u8> = (0..200_000_u32).flat_map(u32::to_le_bytes).collect();
    let end = bytes.len() as u64;
    assert_eq!(joined(pieces(&bytes, 1..end)).unwrap(), (bytes[1..].to_vec(), 4));
    assert_eq!(joined(pieces(&bytes, 7..7)).unwrap(), (Vec::new(), 0));
    let error = joined(pieces(&bytes, 0..end + 1)).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
}

#[test]
fn pieces_hash_as_the_range_does_unless_they_are_stopped() {
    struct Stopped;
    impl Watch for Stopped {
        fn is_stopped(&self) -> bool {
            true
        }
    }
    let bytes = vec![7; 600_000];
    assert_eq!(hash_pieces(pieces(&bytes, 100..600_000), &Unwatched).unwrap(), Digest::of(&bytes[100..]));
    let stopped = hash_pieces(pieces(&bytes, 100..600_000), &Stopped).unwrap_err();
    assert_eq!(stopped.kind(), io::ErrorKind::Interrupted);
    let short = hash_pieces(pieces(&bytes, 100..600_001), &Unwatched).unwrap_err();
    assert_eq!(short.kind(), io::ErrorKind::UnexpectedEof);
}

proptest! {
    #[test]
    fn the_pieces_of_a_range_are_its_bytes(content in any_content(), from in 0..1600_usize, buffer_bytes in 1..40_usize) {
        let end = content.len() as u64;
        let expected = content.get(from..).unwrap_or_default();
        let (read, count) = joined(pieces_through(&content, from as u64..end, vec![0; buffer_bytes])).unwrap();
        prop_assert_eq!(read, expected);
        prop_assert_eq!(count, expected.len().div_ceil(buffer_bytes));
    }

    #[test]
    fn a_member_reads_back(name in samples::any_member_name(), content in any_content(), extended: bool) {
        let mut bytes = vec![0x55; 512];
        bytes.extend_from_slice(&member(name, &content, extended));
        let expected = Member {
            name,
            header_offset: 512,
            offset: 512 + header_bytes(extended),
            size_bytes: content.len() as u64,
        };
        prop_assert_eq!(look(&bytes, 512), Found::Member(expected));
        prop_assert_eq!(expected.end(), bytes.len() as u64);
        prop_assert_eq!(look(&bytes, expected.end()), Found::EndOfFile);
        prop_assert_eq!(find_member_after(&bytes, 0).unwrap(), Some(512));
        let mut read = vec![0; content.len()];
        read_exact_at(&bytes, expected.offset, &mut read).unwrap();
        prop_assert_eq!(read, content);
    }

    #[test]
    fn a_member_of_any_size_reads_back(name in samples::any_member_name(), size in any_size(), extended: bool) {
        let start = header(name, size, extended);
        let is_extended = extended || size > MAX_USTAR_SIZE_BYTES;
        prop_assert_eq!(start.len() as u64, header_bytes(is_extended));
        let end = header_bytes(is_extended) + size + padding_bytes(size);
        let whole = Sparse { start: start.clone(), size_bytes: end };
        let member = Member { name, header_offset: 0, offset: header_bytes(is_extended), size_bytes: size };
        prop_assert_eq!(look_at(&whole, 0).unwrap(), Found::Member(member));
        prop_assert_eq!(end % BLOCK_BYTES, 0);
        let torn = Sparse { start, size_bytes: end - 1 };
        prop_assert_eq!(look_at(&torn, 0).unwrap(), Found::Torn);
    }

    #[test]
    fn a_member_name_has_one_written_form(name in samples::any_member_name(), text in any_member_like_text()) {
        prop_assert_eq!(name.to_string().parse::<MemberName>().unwrap(), name);
        prop_assert!(name.to_string().len() < 100, "a ustar name has at most 99 bytes");
        match text.parse::<MemberName>() {
            Ok(name) => prop_assert_eq!(name.to_string(), text),
            Err(error) => prop_assert!(!error.to_string().is_empty()),
        }
    }

    #[test]
    fn a_volume_number_has_one_written_form(number: u32, text in "[+0-9]{0,8}(\\.tar)?") {
        let number = VolumeNumber(number);
        prop_assert_eq!(VolumeNumber::from_file_name(&number.file_name()), Some(number));
        if let Some(number) = VolumeNumber::from_file_name(&text) {
            prop_assert_eq!(number.file_name(), text);
        }
    }

    #[test]
    fn any_bytes_are_looked_at_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2_000), at: u64) {
        look(&bytes, 0);
        look(&bytes, at);
        prop_assert_eq!(find_member_after(&bytes, 0).unwrap(), None);
    }
}

fn any_member_like_text() -> impl Strategy<Value = String> {
    prop_oneof![
        "(objects|fields|log|checkpoints|index)/[0-9a-fA-F.-]{0,70}(\\.jsonl)?",
        "(fields|log)/\\+?0{0,2}[0-9]{1,20}-\\+?0{0,2}[0-9]{1,4}(\\.jsonl)?",
        "checkpoints/\\+?0{0,2}[0-9]{0,20}",
        "objects/[0-9a-fA-F]{64}",
        "\\.{0,2}/?objects/\\.\\./[0-9a-f]{64}",
    ]
}

/// Whoever adds the first index and the count must not come out above every log that may be.
#[test]
fn a_member_name_over_2_to_the_53_is_refused() {
    let good = ["log/9007199254736895-4096.jsonl", "fields/9007199254740990-1.jsonl", "checkpoints/9007199254740991"];
    let bad = [
        "log/9007199254736896-4096.jsonl",
        "fields/9007199254740991-1.jsonl",
        "log/18446744073709551615-1.jsonl",
        "log/0-0.jsonl",
        "log/0-4097.jsonl",
        "checkpoints/9007199254740992",
    ];
    assert!(good.iter().all(|name| name.parse::<MemberName>().is_ok()));
    for name in bad {
        assert!(name.parse::<MemberName>().is_err(), "{name}");
        // The same in a header, written by a program that does not care.
        let mut block = header(MemberName::Checkpoint { size: 1 }, 0, false);
        block[..name.len()].copy_from_slice(name.as_bytes());
        assert_eq!(look(&with_sum(block), 0), Found::Damaged, "{name}");
    }
}

/// A size that eleven octal digits do not hold stands in the pax header alone.
#[test]
fn a_size_over_8_gib_stands_in_the_pax_header() {
    let name = MemberName::Object(Digest::of(b"object"));
    let largest = header(name, MAX_USTAR_SIZE_BYTES, false);
    assert_eq!((largest.len(), &largest[124..136]), (512, b"77777777777\0".as_slice()));
    let over = header(name, MAX_USTAR_SIZE_BYTES + 2, false);
    assert_eq!((over.len(), &over[1024 + 124..1024 + 136]), (1536, b"00000000000\0".as_slice()));
    assert!(over[512..].starts_with(b"19 size=8589934593\n\0"));
    // Where a pax header is not needed, both tell the size.
    let both = header(name, 513, true);
    assert!(both[512..].starts_with(b"12 size=513\n\0"));
    assert_eq!(&both[1024 + 124..1024 + 136], b"00000001001\0");
}

/// Flips every bit of the headers of a volume, one at a time. None of them may go unnoticed.
#[test]
fn a_flipped_bit_in_a_header_is_never_the_same_member() {
    let names = [
        MemberName::Object(Digest::of(b"object")),
        MemberName::Fields { first: 0, count: 12 },
        MemberName::Log { first: 9_007_199_254_736_895, count: 4096 },
        MemberName::Checkpoint { size: 8 },
    ];
    for name in names {
        for extended in [false, true] {
            for size in [0, 513] {
                let bytes = member(name, &vec![0xa5; size], extended);
                let Found::Member(original) = look(&bytes, 0) else { panic!("{name} is not read") };
                let header_bits = usize::try_from(header_bytes(extended)).unwrap() * 8;
                for bit in 0..header_bits {
                    let mut changed = bytes.clone();
                    changed[bit / 8] ^= 1 << (bit % 8);
                    let found = look(&changed, 0);
                    assert_ne!(found, Found::Member(original), "{name}, bit {bit}");
                    // The sum of the bytes is in the header as well, so that no single bit makes another one.
                    assert_eq!(found, Found::Damaged, "{name}, bit {bit}");
                }
            }
        }
    }
}

#[test]
fn a_flipped_bit_in_the_padding_is_damage() {
    let bytes = member(MemberName::Checkpoint { size: 1 }, b"x", false);
    for at in 513..1024 {
        let mut changed = bytes.clone();
        changed[at] = 1;
        assert_eq!(look(&changed, 0), Found::Damaged, "byte {at}");
    }
}

#[test]
fn a_member_that_is_cut_off_anywhere_is_torn() {
    for extended in [false, true] {
        let bytes = member(MemberName::Log { first: 0, count: 1 }, &[0xa5; 700], extended);
        for length in 1..bytes.len() {
            assert_eq!(look(&bytes[..length], 0), Found::Torn, "{length} of {}", bytes.len());
        }
        assert_eq!(look(&bytes[..0], 0), Found::EndOfFile);
    }
}

#[test]
fn a_volume_ends_in_exactly_two_zero_blocks() {
    let end = usize::try_from(END_BYTES).unwrap();
    assert_eq!(look(&vec![0; end], 0), Found::EndOfArchive);
    for torn in [1, 511, 512, 513, end - 1] {
        assert_eq!(look(&vec![0; torn], 0), Found::Torn, "{torn}");
    }
    // What follows the end is not read by any tar, so nothing may be hidden there.
    for longer in [end + 1, end + 512, 10_240] {
        assert_eq!(look(&vec![0; longer], 0), Found::Damaged, "{longer}");
    }
    let mut not_zero = vec![0; end];
    not_zero[700] = 1;
    assert_eq!(look(&not_zero, 0), Found::Damaged);
}

#[test]
fn reading_goes_on_behind_damage() {
    let first = member(MemberName::Object(Digest::of(b"a")), &[0xa5; 70_000], false);
    let second = member(MemberName::Checkpoint { size: 1 }, b"x", false);
    let mut bytes = [first.clone(), second].concat();
    bytes[10] ^= 1;
    assert_eq!(look(&bytes, 0), Found::Damaged);
    assert_eq!(find_member_after(&bytes, 0).unwrap(), Some(first.len() as u64));
    assert_eq!(find_member_after(&bytes, first.len() as u64).unwrap(), None);
}

/// A block as another program would write it: the sum is right, the form is not ours.
pub fn with_sum(mut block: Vec<u8>) -> Vec<u8> {
    block[148..156].copy_from_slice(b"        ");
    let sum: u32 = block[..512].iter().map(|&byte| u32::from(byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    block
}

#[test]
fn a_header_in_any_other_form_is_damage() {
    let good = header(MemberName::Checkpoint { size: 1 }, 0, false);
    assert_eq!(with_sum(good.clone()), good);
    let changes: [(&str, usize, &[u8]); 14] = [
        ("a path that leads out", 0, b"../checkpoints/1\0"),
        ("an absolute path", 0, b"/checkpoints/1\0"),
        ("a name that no member has", 0, b"notes/00000001\0"),
        ("a number with a zero in front", 0, b"checkpoints/01\0"),
        ("bytes behind the end of the name", 50, b"x"),
        ("another mode", 100, b"0000644\0"),
        ("an owner", 108, b"0001750\0"),
        ("a size in base 256", 124, b"\x80\0\0\0\0\0\0\0\0\0\0\0"),
        ("a size with a space in front", 124, b" 0000000000\0"),
        ("a time", 136, b"00000000001\0"),
        ("a link", 156, b"2"),
        ("a folder", 156, b"5"),
        ("an owner's name", 265, b"root"),
        ("a prefix", 345, b"x"),
    ];
    for (what, at, bytes) in changes {
        let mut changed = good.clone();
        changed[at..at + bytes.len()].copy_from_slice(bytes);
        assert_eq!(look(&with_sum(changed), 0), Found::Damaged, "{what}");
    }
}

/// The pax header tells nothing but the size, in one form.
#[test]
fn a_pax_header_in_any_other_form_is_damage() {
    let good = member(MemberName::Checkpoint { size: 1 }, b"x", true);
    assert!(matches!(look(&good, 0), Found::Member(_)));
    let records: [&str; 9] = [
        "9 size=1\n",
        "10 size=1\n",
        "10 size=01\n",
        "10 size=+1\n",
        "13 path=evil\n",
        "10 size=1\n10 size=1\n",
        "10 size=1\n13 path=evil\n",
        "31 size=99999999999999999999999\n",
        "",
    ];
    for record in records {
        let mut changed = good.clone();
        changed[124..135].copy_from_slice(format!("{:011o}", record.len()).as_bytes());
        changed[512..1024].fill(0);
        changed[512..512 + record.len()].copy_from_slice(record.as_bytes());
        let is_good = record == "9 size=1\n";
        let found = look(&with_sum(changed), 0);
        assert_eq!(found != Found::Damaged, is_good, "{record:?}");
    }
    // A size in the pax header and another in the header that it extends.
    let mut two_sizes = good.clone();
    two_sizes[1024..1536].copy_from_slice(&header(MemberName::Checkpoint { size: 1 }, 2, false));
    assert_eq!(look(&two_sizes, 0), Found::Damaged);
    // A pax header that no member follows.
    let mut alone = good;
    alone[1024..1536].fill(0);
    assert_eq!(look(&alone, 0), Found::Damaged);
}
