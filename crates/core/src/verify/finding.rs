//! Findings: what the verifier observed, each with a stable code.

use std::cmp::Ordering;
use std::fmt;

use serde::{Serialize, Serializer};

use crate::digest::Digest;
use crate::format::volume::VolumeNumber;
use crate::language::{Text, text};
use crate::model::{EntryIndex, ExhibitId};
use crate::shape::{Described, Kind};

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Worth knowing; says nothing against the evidence.
    Notice,
    /// Nothing is lost or forged, but something is not as it should be.
    Degraded,
    /// This program is too old to judge it, which is nothing against it.
    NotUnderstood,
    /// Something is missing, changed, or not what it claims to be.
    Failed,
}

macro_rules! codes {
    ($($code:literal $variant:ident $name:literal $korean_name:literal $severity:ident $meaning:literal $korean:literal)*) => {
        /// The code of a finding. Codes keep their meaning for ever.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code { $(#[doc = $meaning] $variant,)* }

        impl Code {
            /// All codes, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The code, such as `V101`.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// The name, such as `object-missing`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// What it is called in Korean, beside its name.
            #[must_use]
            pub const fn korean_name(self) -> &'static str {
                match self { $(Self::$variant => $korean_name,)* }
            }

            /// How much it weighs.
            #[must_use]
            pub const fn severity(self) -> Severity {
                match self { $(Self::$variant => Severity::$severity,)* }
            }

            /// What it means, in a sentence.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)* }
            }

            /// What it means, in Korean.
            #[must_use]
            pub const fn korean_meaning(self) -> &'static str {
                match self { $(Self::$variant => $korean,)* }
            }
        }
    };
}

codes! {
    "V101" ObjectMissing "object-missing" "원본 객체 없음" Failed
        "An entry names an object that no volume holds."
        "기록 항목이 가리키는 원본 객체가 어느 볼륨에도 없습니다."
    "V102" ObjectChanged "object-changed" "원본 객체 변경됨" Failed
        "The bytes of an object do not have the SHA-256 that is its name."
        "원본 객체의 SHA-256이 그 이름인 해시값과 다릅니다."
    "V103" ObjectUnnamed "object-unnamed" "근거 없는 원본 객체" Failed
        "A volume holds an object that no entry names: it was not put there by a logged act."
        "어느 기록 항목도 가리키지 않는 원본 객체가 볼륨에 있습니다. 기록된 처리로 들어온 것이 아닙니다."
    "V104" ObjectSize "object-size" "원본 객체 크기 불일치" Failed
        "An object has another size than its entry says."
        "원본 객체의 크기가 기록 항목에 적힌 것과 다릅니다."
    "V105" ObjectTwice "object-twice" "원본 객체 중복" Degraded
        "A volume holds an object that was already held; an archive writes each object once."
        "이미 있는 원본 객체가 볼륨에 또 있습니다. 보존소는 같은 원본 객체를 한 번만 씁니다."
    "V106" ObjectUnreadable "object-unreadable" "원본 객체 읽기 실패" Failed
        "The bytes of an object cannot be read from the disk."
        "원본 객체를 디스크에서 읽을 수 없습니다."
    "V201" EntryMalformed "entry-malformed" "기록 항목 형식 오류" Failed
        "A line of the log is not an entry in its one canonical form."
        "기록부의 한 줄이 기록 항목의 정해진 형식(정규형)이 아닙니다."
    "V202" EntryIndex "entry-index" "기록 항목 번호 불일치" Failed
        "An entry does not have the index of its place: entries were removed, inserted, repeated or reordered."
        "기록 항목의 번호가 그 자리의 번호와 다릅니다. 기록 항목이 삭제되었거나, 끼워 넣어졌거나, 반복되었거나, 순서가 바뀌었습니다."
    "V203" EntryPrevious "entry-previous" "앞 기록 항목 불일치" Failed
        "An entry does not name the leaf hash of the entry before it: the log before it was changed."
        "기록 항목이 바로 앞의 기록 항목을 가리키지 않습니다. 그보다 앞의 기록부가 변경되었습니다."
    "V204" EntryOrigin "entry-origin" "다른 기록부의 기록 항목" Failed
        "An entry belongs to another log."
        "다른 기록부에 속하는 기록 항목입니다."
    "V205" EntryTime "entry-time" "기록 시각 역전" Failed
        "An entry was recorded before the entry in front of it."
        "기록 항목이 앞의 기록 항목보다 먼저 기록되었습니다."
    "V206" EntryOrder "entry-order" "기록 항목 순서 오류" Failed
        "An entry cannot stand here: it refers to something that did not exist, or repeats something that can happen only once."
        "기록 항목이 이 자리에 있을 수 없습니다. 그때까지 없던 것을 말하거나, 한 번만 일어날 수 있는 일을 되풀이합니다."
    "V207" CommitShape "commit-shape" "확정 단위 구성 오류" Failed
        "The members of a commit are not fields, log and checkpoint of the same entries, in this order."
        "확정 단위가 같은 기록 항목들의 서술 정보, 기록부, 기준점을 이 순서대로 담고 있지 않습니다."
    "V208" EntryNotUnderstood "entry-not-understood" "기록 항목 이해 불가" NotUnderstood
        "An entry has an event or a format that this program does not know: its place in the log and its signatures were checked, and what it says was not."
        "이 프로그램이 모르는 사건이나 형식의 기록 항목입니다. 기록부에서의 위치와 서명은 확인했으나, 그 내용은 확인하지 않았습니다."
    "V209" EntrySealed "entry-sealed" "봉인된 기록 항목" NotUnderstood
        "An entry is sealed, and this program does not open what is sealed."
        "봉인된 기록 항목입니다. 이 프로그램은 봉인된 것을 열지 않습니다."
    "V210" StatementNotRead "statement-not-read" "진술 읽지 않음" Notice
        "An entry about a checkpoint, such as a time stamp, has an event that this program does not know: it changes nothing of who may sign or of any exhibit, and what it says was not checked."
        "타임스탬프처럼 기준점에 관한 기록 항목이며, 이 프로그램이 모르는 사건입니다. 누가 서명할 수 있는지와 증거물에 대해서는 아무것도 바꾸지 않습니다. 그 내용은 확인하지 않았습니다."
    "V301" SignatureWrong "signature-wrong" "서명 불일치" Failed
        "A signature does not fit the entry and the key it names."
        "서명이 그 기록 항목 및 그것이 가리키는 키와 맞지 않습니다."
    "V302" SignerUnknown "signer-unknown" "서명자 불명" Failed
        "An entry is signed by a key that the log did not know at this point, or not by its actor."
        "이 시점의 기록부가 모르는 키나, 처리한 담당자의 것이 아닌 키로 서명된 기록 항목입니다."
    "V303" SignerRevoked "signer-revoked" "폐지된 키의 서명" Failed
        "An entry is signed by a key that was revoked before it."
        "기록되기 전에 폐지된 키로 서명된 기록 항목입니다."
    "V304" SignerNotAllowed "signer-not-allowed" "서명 권한 없음" Failed
        "The agent's roles do not allow what the entry records, or it lacks a signature that it needs besides."
        "담당자의 역할이 기록된 처리를 허용하지 않거나, 추가로 필요한 서명이 없습니다."
    "V305" SignerInQuestion "signer-in-question" "신뢰 시점 이후의 서명" Degraded
        "Entries were signed or approved by a key between the index from which it is no longer trusted and its revocation."
        "더 이상 신뢰되지 않는 시점과 폐지 시점 사이에 그 키로 서명되거나 승인된 기록 항목이 있습니다."
    "V307" SignerExpired "signer-expired" "유효 기간이 지난 키의 서명" Failed
        "An entry is signed by a key that had expired when the entry was recorded."
        "기록된 때에 유효 기간이 지난 키로 서명된 기록 항목입니다."
    "V309" SignerNotUnderstood "signer-not-understood" "서명자 이해 불가" NotUnderstood
        "An entry is signed by a key that an entry which is not understood may have introduced: the signature was not checked."
        "이해할 수 없는 기록 항목이 등록했을 수 있는 키로 서명된 기록 항목입니다. 서명은 확인하지 않았습니다."
    "V310" ApprovalWrong "approval-wrong" "승인 무효" Failed
        "An approval of an entry does not hold: by its key, its signature, its time, its nonce, or the text that it approves."
        "기록 항목에 있는 승인이 유효하지 않습니다. 키, 서명, 기한, 일회용 값(nonce), 승인한 문구 가운데 하나가 맞지 않습니다."
    "V401" CheckpointMalformed "checkpoint-malformed" "기준점 형식 오류" Failed
        "A checkpoint is not a signed checkpoint in its one form."
        "기준점이 정해진 형식의 서명된 기준점이 아닙니다."
    "V402" CheckpointSignature "checkpoint-signature" "기준점 서명 오류" Failed
        "A checkpoint is not signed by the key of the log that is in force for its size, or lacks a line of the second key."
        "기준점이 그 크기에서 유효한 기록부 키로 서명되지 않았거나, 두 번째 키의 줄이 없습니다."
    "V403" CheckpointRoot "checkpoint-root" "기준점 루트 불일치" Failed
        "A checkpoint states another root than the entries before it have."
        "기준점에 적힌 루트가 그 앞의 기록 항목들의 루트와 다릅니다."
    "V404" CheckpointSize "checkpoint-size" "기준점 크기 불일치" Failed
        "A checkpoint states another size than the log has at this point."
        "기준점에 적힌 크기가 이 시점의 기록부 크기와 다릅니다."
    "V405" CheckpointOrigin "checkpoint-origin" "다른 기록부의 기준점" Failed
        "A checkpoint belongs to another log."
        "다른 기록부에 속하는 기준점입니다."
    "V501" FieldsMalformed "fields-malformed" "서술 정보 형식 오류" Failed
        "The fields of an entry cannot be read."
        "기록 항목의 서술 정보를 읽을 수 없습니다."
    "V502" FieldsChanged "fields-changed" "서술 정보 변경됨" Failed
        "The fields of an entry are not those that it commits to."
        "기록 항목의 서술 정보가 서명된 것과 다릅니다."
    "V601" VolumeMissing "volume-missing" "볼륨 없음" Failed
        "A volume is missing from the sequence."
        "이어지는 볼륨 가운데 빠진 것이 있습니다."
    "V602" VolumeDamaged "volume-damaged" "볼륨 손상됨" Failed
        "A part of a volume is not readable as members of a tar file."
        "볼륨의 일부를 tar 파일의 구성원으로 읽을 수 없습니다."
    "V603" VolumeTail "volume-tail" "미확정 꼬리" Notice
        "The last volume ends with bytes that were never committed, as an interruption leaves them; they are not evidence."
        "마지막 볼륨의 끝에, 중단되었을 때 남는 것과 같은, 확정되지 않은 바이트가 있습니다. 증거가 아닙니다."
    "V604" VolumeOpen "volume-open" "닫히지 않은 볼륨" Degraded
        "A volume that is not the last one has no end-of-archive blocks."
        "마지막이 아닌 볼륨에 tar 파일의 끝 표시가 없습니다."
    "V605" VolumeForeign "volume-foreign" "볼륨 폴더의 다른 것" Failed
        "The folder of volumes holds something that is not a volume of this archive."
        "볼륨 폴더에 이 보존소의 볼륨이 아닌 것이 있습니다."
    "V606" LogEmpty "log-empty" "빈 기록부" Failed
        "No volume holds a committed entry."
        "확정된 기록 항목이 어느 볼륨에도 없습니다."
    "V607" VolumeUnreadable "volume-unreadable" "볼륨 읽기 실패" Failed
        "The disk cannot read a part of a volume that is no object's; it was taken as zeros."
        "원본 객체가 아닌 볼륨의 일부를 디스크에서 읽을 수 없어, 0으로 보고 계속 확인했습니다."
    "V608" VolumeTailUnreadable "volume-tail-unreadable" "읽을 수 없는 꼬리" Degraded
        "The last volume ends with bytes that are not readable as members: it is not known whether they were ever committed."
        "마지막 볼륨의 끝에 tar 파일의 구성원으로 읽을 수 없는 바이트가 있습니다. 확정된 적이 있는지 알 수 없습니다."
    "V609" VolumeLitter "volume-litter" "볼륨 폴더의 시스템 부산물" Notice
        "The folder of volumes holds a file that a system leaves in folders; it was not opened."
        "운영 체제가 폴더에 남기는 파일이 볼륨 폴더에 있습니다. 열지 않았습니다."
    "V701" IndexDiffers "index-differs" "색인 불일치" Degraded
        "The derived index differs from the volumes; it can be rebuilt from them."
        "색인이 볼륨과 다릅니다. 색인은 볼륨에서 다시 만들 수 있습니다."
    "V702" IndexUnread "index-unread" "색인 비교 못 함" Notice
        "The derived index could not be compared with the volumes."
        "색인을 볼륨과 비교하지 못했습니다."
    "V801" HeadBehind "head-behind" "기록부가 짧아짐" Failed
        "The log is shorter than one that was seen before: entries were cut off, or this is an old copy."
        "기록부가 전에 확인된 것보다 짧습니다. 기록 항목이 잘려 나갔거나, 이것이 오래된 사본입니다."
    "V802" HeadForked "head-forked" "기록부 분기" Failed
        "The log does not contain what was seen before: its history was rewritten."
        "기록부에 전에 확인된 것이 들어 있지 않습니다. 이력이 다시 쓰였습니다."
    "V803" KeyDiffers "key-differs" "지문 불일치" Failed
        "The archive's fingerprint, or its name, is not one that was remembered or given from outside."
        "보존소의 지문이나 이름이 기억되었거나 외부에서 받은 것과 다릅니다."
    "V811" CopyDiffers "copy-differs" "복제본 불일치" Failed
        "A copy and the archive have different bytes at the same place: one of the two is damaged or was changed."
        "복제본과 보존소가 같은 자리에서 다릅니다. 둘 가운데 하나가 손상되었거나 변경되었습니다."
    "V812" CopyBehind "copy-behind" "복제본이 뒤처짐" Degraded
        "A copy ends earlier than the archive; it can be brought up to date where the archive can be written to."
        "복제본이 보존소보다 먼저 끝납니다. 보존소에 쓸 수 있는 곳에서 최신 상태로 만들 수 있습니다."
    "V813" CopyAhead "copy-ahead" "복제본이 앞섬" Failed
        "A copy holds signed entries that the archive does not: they were cut off the archive, or somebody wrote to the copy."
        "복제본에 보존소에는 없는 서명된 기록 항목이 있습니다. 보존소에서 잘려 나갔거나, 누군가 복제본에 썼습니다."
    "V814" CopyTail "copy-tail" "복제본의 꼬리" Notice
        "A copy ends with bytes that were never committed, as an interruption leaves them; they are not evidence."
        "복제본의 끝에, 중단되었을 때 남는 것과 같은, 확정되지 않은 바이트가 있습니다. 증거가 아닙니다."
    "V901" DescriptionDiffers "description-differs" "archive.json 불일치" Failed
        "archive.json does not say what the first entry does: the fingerprint, the origin, the log key, the administrator."
        "archive.json의 지문, 기록부 이름, 기록부 키, 관리자 가운데 첫 기록 항목과 다른 것이 있습니다."
    "V902" DescriptionNotUnderstood "description-not-understood" "archive.json 이해 불가" NotUnderstood
        "archive.json has a format that this program does not know: what it should say was taken from the first entry."
        "archive.json의 형식을 이 프로그램이 모릅니다. 거기에 적혀야 할 것은 첫 기록 항목에서 가져왔습니다."
    "B101" BundleName "bundle-name" "있을 수 없는 이름" Failed
        "A name in a bundle is not one that a bundle may have; it was not opened."
        "제출 묶음에 있을 수 없는 이름입니다. 파일을 열지 않았습니다."
    "B102" BundleNoFile "bundle-no-file" "파일이 아닌 것" Failed
        "A bundle holds a link, a device or a pipe; it was not opened."
        "링크, 장치 또는 파이프입니다. 열지 않았습니다."
    "B103" BundleNameTwice "bundle-name-twice" "이름 중복" Failed
        "Two names in a bundle are the same, or differ in the case of letters alone."
        "두 이름이 같거나 대소문자만 다릅니다."
    "B104" BundleTooLarge "bundle-too-large" "제한 초과" Failed
        "A bundle, or a file of it, is over a limit; it was not read."
        "제출 묶음이나 그 안의 파일이 제한보다 큽니다. 읽지 않았습니다."
    "B105" BundleContainer "bundle-container" "zip 파일 오류" Failed
        "The zip file is not one that every program reads in the same way, or would unpack to far more than it should."
        "모든 프로그램이 같은 방식으로 읽는 zip 파일이 아니거나, 풀었을 때 지나치게 커집니다."
    "B201" BundleManifest "bundle-manifest" "파일 목록 오류" Failed
        "A manifest is not in its one form, or lists a file that belongs into the other one."
        "파일 목록(manifest)이 정해진 형식이 아니거나, 다른 목록에 있어야 할 파일이 올라 있습니다."
    "B202" BundleFileMissing "bundle-file-missing" "파일 없음" Failed
        "A file that a bundle must have, or that its manifest lists, is missing."
        "제출 묶음에 있어야 하거나 파일 목록(manifest)에 있는 파일이 없습니다."
    "B203" BundleFileChanged "bundle-file-changed" "파일 변경됨" Failed
        "A file does not have the SHA-256 that the manifest says."
        "파일의 SHA-256이 파일 목록(manifest)에 적힌 것과 다릅니다. 제출 묶음에 서명할 때 목록에 있던 파일이 아닙니다."
    "B204" BundleFileUnreadable "bundle-file-unreadable" "파일 읽기 실패" Failed
        "A file cannot be read."
        "파일을 읽을 수 없습니다."
    "B205" BundleFileUnlisted "bundle-file-unlisted" "목록에 없는 파일" Degraded
        "A file is in no manifest: it was added later."
        "어느 목록에도 없는 파일입니다. 나중에 추가되었습니다."
    "B206" BundleFileForeign "bundle-file-foreign" "제출 묶음에 속하지 않는 파일" Degraded
        "A file is listed, but a bundle has none of this name, or no entry names it: it is no part of the bundle."
        "제출 묶음에 속하지 않는 파일이 목록에 있습니다. 그런 이름의 파일이 제출 묶음에 없거나, 어느 기록 항목도 가리키지 않습니다."
    "B207" BundleAidMissing "bundle-aid-missing" "열람용 파일 없음" Degraded
        "A file for people to read, on which nothing depends, is missing."
        "열람용 파일(검증의 근거로 쓰이지 않음)이 없습니다."
    "B208" BundleAidChanged "bundle-aid-changed" "열람용 파일 변경됨" Degraded
        "A file for people to read, on which nothing depends, was changed."
        "열람용 파일(검증의 근거로 쓰이지 않음)이 변경되었습니다."
    "B209" BundleBag "bundle-bag" "bagit.txt 불일치" Degraded
        "bagit.txt or bag-info.txt does not say what is there."
        "bagit.txt 또는 bag-info.txt가 실제 내용과 다릅니다."
    "B210" BundleLitter "bundle-litter" "시스템 부산물" Notice
        "A file that a system leaves in folders lies in the bundle; it was not opened."
        "운영 체제가 폴더에 남기는 파일이 제출 묶음에 있습니다. 열지 않았습니다."
    "B211" BundleProofNotRead "bundle-proof-not-read" "읽지 않은 외부 증명" Notice
        "A file lies where later versions put proof from outside, such as a time stamp: nothing in it was checked."
        "이후 버전이 타임스탬프 같은 외부의 증명을 두는 자리에 파일이 있습니다. 그 안의 어떤 것도 확인하지 않았습니다."
    "B212" BundlePartNotUnderstood "bundle-part-not-understood" "이해할 수 없는 부분" NotUnderstood
        "A part of the bundle is of a kind that this program does not know: its files were compared with the manifest, and what they say was not checked."
        "제출 묶음에 이 프로그램이 모르는 종류의 부분이 있습니다. 그 파일은 파일 목록(manifest)과 대조했으나, 무엇을 말하는지는 확인하지 않았습니다."
    "B301" BundleDescription "bundle-description" "bundle.json 형식 오류" Failed
        "bundle.json is not in its one form."
        "bundle.json이 정해진 형식이 아닙니다."
    "B302" BundleDescriptionDiffers "bundle-description-differs" "bundle.json 불일치" Failed
        "bundle.json does not say what is there."
        "bundle.json이 실제 내용과 다릅니다."
    "B303" BundleSignature "bundle-signature" "제출 묶음 서명 오류" Failed
        "A signature of the tag manifest is not by the key that bundle.json names."
        "제출 묶음의 서명이 bundle.json에 표시된 키의 서명이 아닙니다."
    "B304" BundleSigner "bundle-signer" "제출 묶음 서명자 오류" Failed
        "The key that signed the bundle is not introduced in it, was revoked, had expired, has no role that allows it, or is a FIDO key."
        "제출 묶음에 서명한 키가 제출 묶음에 등록되지 않았거나, 폐지되었거나, 유효 기간이 지났거나, 권한이 없거나, FIDO 키입니다."
    "B305" BundleKeyDiffers "bundle-key-differs" "보존소 지문 불일치" Failed
        "The archive's fingerprint is none of those that were given from outside."
        "이 보존소의 지문이 외부에서 받은 지문 가운데 어느 것도 아닙니다."
    "B306" BundleKeys "bundle-keys" "키 파일 오류" Failed
        "A file in keys/ does not hold the keys that it should."
        "keys/의 파일에 있어야 할 키가 들어 있지 않습니다."
    "B307" BundleNotUnderstood "bundle-not-understood" "bundle.json 이해 불가" NotUnderstood
        "bundle.json has a format that this program does not know: the files were compared with the manifests, and nothing else was checked."
        "bundle.json의 형식을 이 프로그램이 모릅니다. 파일을 파일 목록(manifest)과 대조했을 뿐, 다른 것은 확인하지 않았습니다."
    "B401" BundleCheckpoint "bundle-checkpoint" "기준점 오류" Failed
        "The checkpoint is not in its one form, is not signed by the log's key in force, or is not the one that bundle.json names."
        "기록부의 기준점이 정해진 형식이 아니거나, 유효한 기록부 키로 서명되지 않았거나, bundle.json에 적힌 것이 아닙니다."
    "B402" BundleReceipt "bundle-receipt" "수록 증명서 오류" Failed
        "A receipt is not in its one form, leads to another checkpoint, or does not lead there."
        "수록 증명서가 정해진 형식이 아니거나, 다른 기준점에 이르거나, 기준점에 이르지 않습니다."
    "B403" BundleEntryDiffers "bundle-entry-differs" "기록 항목 파일 불일치" Failed
        "The files of an entry are not those of the entry in its receipt."
        "기록 항목의 파일이 수록 증명서에 있는 기록 항목의 것이 아닙니다."
    "B404" BundleEntrySequence "bundle-entry-sequence" "기록 항목 누락 또는 순서 오류" Failed
        "The entries of an exhibit are not those of its history from its ingest on, without a gap."
        "증거물의 기록 항목이 수록부터 빠짐없이 이어지지 않습니다."
    "B405" BundleEntrySignature "bundle-entry-signature" "기록 항목 서명 오류" Failed
        "A signature of an entry does not hold, or its file is another one."
        "기록 항목의 서명이 유효하지 않거나 서명 파일이 다른 것입니다."
    "B406" BundleEntrySigner "bundle-entry-signer" "기록 항목 서명자 오류" Failed
        "An entry is signed by a key that the bundle does not introduce before it, that was revoked, or whose roles do not allow it; or it lacks a signature that it needs besides."
        "제출 묶음이 그 앞에서 등록하지 않았거나, 폐지되었거나, 권한이 없는 키가 기록 항목에 서명했거나, 추가로 필요한 서명이 없습니다."
    "B407" BundleSignerInQuestion "bundle-signer-in-question" "신뢰 시점 이후의 서명" Degraded
        "An entry was signed or approved by a key after the index from which it is no longer trusted."
        "더 이상 신뢰되지 않는 시점 이후에 그 키로 서명되거나 승인된 기록 항목입니다."
    "B408" BundleAgents "bundle-agents" "담당자 기록 오류" Failed
        "The entries about agents do not begin with the archive's first one, or introduce a key twice, or the log's own, or cannot stand where they do, or are about something else."
        "담당자에 관한 기록 항목이 보존소의 첫 기록 항목으로 시작하지 않거나, 같은 키나 기록부 키를 다시 등록하거나, 그 자리에 있을 수 없거나, 다른 것에 관한 것입니다."
    "B409" BundleEntryNotUnderstood "bundle-entry-not-understood" "기록 항목 이해 불가" NotUnderstood
        "An entry has an event or a format that this program does not know: its place in the log and its signatures were checked, and what it says was not."
        "이 프로그램이 모르는 사건이나 형식의 기록 항목입니다. 기록부에서의 위치와 서명은 확인했으나, 그 내용은 확인하지 않았습니다."
    "B410" BundleSignerNotUnderstood "bundle-signer-not-understood" "서명자 이해 불가" NotUnderstood
        "A signature is by a key that an entry which is not understood may have introduced; it was not checked."
        "서명한 키를 알 수 없습니다. 이해할 수 없는 기록 항목이 등록한 키일 수 있습니다. 서명은 확인하지 않았습니다."
    "B411" BundleSignerExpired "bundle-signer-expired" "유효 기간이 지난 키의 서명" Failed
        "An entry is signed by a key that had expired when the entry was recorded."
        "기록 항목이 기록된 때에 유효 기간이 지난 키로 서명되었습니다."
    "B412" BundleEntrySealed "bundle-entry-sealed" "봉인된 기록 항목" NotUnderstood
        "An entry is sealed, and this program does not open what is sealed."
        "봉인된 기록 항목입니다. 이 프로그램은 봉인된 것을 열지 않습니다."
    "B413" BundleApprovalWrong "bundle-approval-wrong" "승인 무효" Failed
        "An approval of an entry does not hold: by its key, its signature, its time, its nonce, or the text that it approves."
        "기록 항목에 있는 승인이 유효하지 않습니다. 키, 서명, 기한, 일회용 값(nonce), 승인한 문구 가운데 하나가 맞지 않습니다."
    "B414" BundleStatementNotRead "bundle-statement-not-read" "진술 읽지 않음" Notice
        "An entry about a checkpoint, such as a time stamp, has an event that this program does not know: it changes nothing of who may sign or of any exhibit, and what it says was not checked."
        "타임스탬프처럼 기준점에 관한 기록 항목이며, 이 프로그램이 모르는 사건입니다. 누가 서명할 수 있는지와 증거물에 대해서는 아무것도 바꾸지 않습니다. 그 내용은 확인하지 않았습니다."
    "B501" BundleObjectMissing "bundle-object-missing" "증거물 파일 없음" Failed
        "An exhibit has no object in the bundle, or more than one."
        "증거물의 파일이 제출 묶음에 없거나 둘 이상입니다."
    "B502" BundleObjectChanged "bundle-object-changed" "증거물 파일 변경됨" Failed
        "An object does not have the SHA-256 that its ingest names."
        "증거물의 파일이 수록된 파일이 아닙니다. SHA-256이 다릅니다."
    "B503" BundleObjectSize "bundle-object-size" "증거물 파일 크기 불일치" Failed
        "An object has another size than its ingest names."
        "증거물의 파일 크기가 수록된 파일과 다릅니다."
    "B504" BundleObjectUnnamed "bundle-object-unnamed" "근거 없는 증거물 파일" Failed
        "The payload holds a file that belongs to no exhibit of the bundle."
        "제출 묶음의 어느 증거물에도 속하지 않는 파일입니다."
    "B505" BundleObjectEnding "bundle-object-ending" "증거물 파일 확장자 불일치" Degraded
        "The name of an object does not have the ending of its media type: the system could open it with something else, or run it."
        "증거물 파일의 확장자가 그 매체 유형의 것이 아닙니다. 컴퓨터가 다른 프로그램으로 열거나 실행할 수 있습니다."
    "B601" BundleFields "bundle-fields" "공개된 항목 형식 오류" Failed
        "The disclosed fields of an entry cannot be read."
        "기록 항목의 공개된 항목을 읽을 수 없습니다."
    "B602" BundleFieldsChanged "bundle-fields-changed" "공개된 항목 변경됨" Failed
        "A disclosed field is not one that the entry commits to."
        "공개된 항목이 서명된 것과 다릅니다."
    "B603" BundleForeign "bundle-foreign" "다른 보존소에서의 이력 오류" Failed
        "The dossier of another archive's bundle cannot be read, is another one than the entries name, or does not hold the exhibit."
        "다른 보존소의 제출 묶음의 인수 기록철을 읽을 수 없거나, 기록 항목이 가리키는 것이 아니거나, 이 증거물이 들어 있지 않습니다."
    "B604" BundleForeignNotUnderstood "bundle-foreign-not-understood" "다른 보존소에서의 이력 이해 불가" NotUnderstood
        "The dossier of another archive's bundle has a format that this program does not know."
        "다른 보존소의 제출 묶음의 인수 기록철을 이해할 수 없습니다. 그 형식을 이 프로그램이 모릅니다."
    "B605" BundleLetterWrong "bundle-letter-wrong" "인계 서신 오류" Failed
        "The letter of another archive, by which custody passed, does not hold, or says something else than the entry that names it."
        "보관 책임의 이전을 증명해야 할 상대 보존소의 서신이 유효하지 않거나, 그것을 가리키는 기록 항목과 다른 내용을 말합니다."
    "B606" BundleLetterNotUnderstood "bundle-letter-not-understood" "인계 서신 이해 불가" NotUnderstood
        "The letter of another archive, by which custody passed, holds something that this program does not know."
        "보관 책임의 이전을 증명해야 할 상대 보존소의 서신에 이 프로그램이 모르는 것이 있습니다."
    "B701" BundleForked "bundle-forked" "기록부 분기" Failed
        "A bundle, or a dossier in it, contradicts what is known of the same log: it was rewritten, or shown differently to two recipients."
        "제출 묶음이나 그 안의 인수 기록철이 같은 기록부에 대해 알려진 것과 모순됩니다. 기록부가 다시 쓰였거나, 두 수신자에게 서로 다르게 제시되었습니다."
    "B702" BundleOtherKeys "bundle-other-keys" "같은 이름, 다른 지문" Failed
        "A bundle names the origin of an archive that is known by another fingerprint, and nothing from outside says that it is another archive of that name."
        "제출 묶음이 다른 지문으로 알려진 보존소의 이름을 쓰는데, 그 이름의 다른 보존소라는 것을 외부에서 받은 어떤 것도 보여 주지 않습니다."
    "B703" BundleNamesake "bundle-namesake" "같은 이름의 보존소" Notice
        "Two archives have one origin, which is only a name: they are distinguished by their fingerprints, and nothing of one is attributed to the other."
        "두 보존소의 기록부 이름이 같습니다. 이름일 뿐이며, 두 보존소는 지문으로 구별되고 한쪽의 것을 다른 쪽의 것으로 여기지 않습니다."
    "B801" BundleCompleteness "bundle-completeness" "완전성 진술 오류" Failed
        "The statement of completeness is not in its one form, or does not fit the bundle."
        "완전성 진술이 정해진 형식이 아니거나 제출 묶음과 맞지 않습니다."
    "B802" BundleLeftOut "bundle-left-out" "완전성 진술에서 누락됨" Failed
        "An exhibit belonged to the collection when an earlier statement of completeness was made, and the statement does not count it."
        "이전의 완전성 진술이 작성될 때 모음에 속해 있던 증거물인데, 그 진술이 세지 않았습니다."
    "B803" BundleMiscounted "bundle-miscounted" "완전성 진술에서 잘못 셈" Failed
        "An exhibit did not belong to the collection when an earlier statement of completeness was made, and the statement counts it."
        "이전의 완전성 진술이 작성될 때 모음에 속하지 않던 증거물인데, 그 진술이 세었습니다."
    "B804" BundleCompletenessNotUnderstood "bundle-completeness-not-understood" "완전성 진술 이해 불가" NotUnderstood
        "The statement of completeness has a format that this program does not know."
        "완전성 진술을 이해할 수 없습니다. 그 형식을 이 프로그램이 모릅니다."
}

impl Code {
    /// Whether it weighs more than a notice.
    #[must_use]
    pub fn is_weighty(self) -> bool {
        self.severity() > Severity::Notice
    }

    /// Whether, where it is about a bundle as a whole, it says something of each exhibit in it.
    #[must_use]
    pub const fn reaches_exhibits(self) -> bool {
        !matches!(self, Self::BundlePartNotUnderstood)
    }

    /// Whether it says that the bytes of an object are not there as they were committed to.
    #[must_use]
    pub const fn is_about_bytes(self) -> bool {
        matches!(self, Self::ObjectMissing | Self::ObjectChanged | Self::ObjectSize | Self::ObjectUnreadable)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.code(), self.name())
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

/// Where something was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// An entry of the log.
    Entry(EntryIndex),
    /// A position in a volume, in bytes from its beginning.
    Volume {
        /// The volume.
        volume: VolumeNumber,
        /// Where in it.
        offset: u64,
    },
    /// The log when it had so many entries.
    Log(u64),
    /// A file, a folder or a part, under the name that it has where it was found.
    Named(Text),
    /// A place within a file that holds what was found as a whole.
    Within {
        /// The file.
        file: String,
        /// The place in it.
        place: Box<Self>,
    },
}

impl Place {
    /// The same place within a file.
    #[must_use]
    pub fn within(&self, file: &str) -> Self {
        Self::Within { file: file.to_owned(), place: Box::new(self.clone()) }
    }

    /// It, in words.
    #[must_use]
    pub fn text(&self) -> Text {
        match self {
            Self::Entry(index) => text!("entry {index}", "기록 항목 {index}"),
            Self::Volume { volume, offset } => text!("{volume} at byte {offset}", "{volume}의 바이트 {offset}"),
            Self::Log(size) => text!("log of size {size}", "기록 항목이 {size}건일 때의 기록부"),
            Self::Named(name) => name.clone(),
            Self::Within { file, place } => text!([place = place.text()] "{file}: {place}", "{file}: {place}"),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text().fmt(f)
    }
}

impl From<EntryIndex> for Place {
    fn from(index: EntryIndex) -> Self {
        Self::Entry(index)
    }
}

impl From<&str> for Place {
    fn from(name: &str) -> Self {
        Self::Named(Text::same(name))
    }
}

impl From<String> for Place {
    fn from(name: String) -> Self {
        Self::Named(Text::same(name))
    }
}

impl From<Text> for Place {
    fn from(name: Text) -> Self {
        Self::Named(name)
    }
}

/// In the order of their texts, which is that of a report.
impl Ord for Place {
    fn cmp(&self, other: &Self) -> Ordering {
        self.to_string().cmp(&other.to_string())
    }
}

impl PartialOrd for Place {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Serialize for Place {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Described for Place {
    fn kind() -> Kind {
        Kind::Text("a place, in words")
    }
}

impl Described for Code {
    fn kind() -> Kind {
        Kind::Text("the code of a finding: see `format.md`")
    }
}

crate::shape::described! {
    /// One observation of the verifier.
    #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
    pub struct Finding {
        /// What kind of observation.
        pub code: Code,
        /// Where.
        pub place: Place,
        /// What was found there, in a sentence.
        pub message: Text,
        /// The entry, where it is one.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub index: Option<EntryIndex>,
        /// The exhibit, where it is one.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub exhibit: Option<ExhibitId>,
        /// The object, where it is one.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub object: Option<Digest>,
    }
}

impl Finding {
    /// A finding at a place.
    #[must_use]
    pub fn new(code: Code, place: impl Into<Place>, message: impl Into<Text>) -> Self {
        Self { code, place: place.into(), message: message.into(), index: None, exhibit: None, object: None }
    }

    /// The same, about an object.
    #[must_use]
    pub const fn of(mut self, object: Digest) -> Self {
        self.object = Some(object);
        self
    }

    /// The same, about an entry and its exhibit.
    #[must_use]
    pub fn about(mut self, index: EntryIndex, exhibit: Option<ExhibitId>) -> Self {
        self.index = Some(index);
        self.exhibit = exhibit;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_its_korean_and_no_two_have_the_same_name() {
        let is_korean = |text: &str| text.chars().any(|letter| ('가'..='힣').contains(&letter));
        let mut names = std::collections::BTreeSet::new();
        for code in Code::ALL {
            assert!(is_korean(code.korean_name()) && is_korean(code.korean_meaning()), "{code}");
            assert!(code.korean_meaning().ends_with("니다."), "{code}");
            let group = &code.code()[..1];
            assert!(names.insert((group, code.korean_name())), "{code}");
        }
    }

    #[test]
    fn a_place_is_said_in_both_languages() {
        let place = Place::Volume { volume: VolumeNumber(3), offset: 512 }.within("a.tar");
        assert_eq!(place.text().english(), "a.tar: volumes/000003.tar at byte 512");
        assert_eq!(place.text().korean(), "a.tar: volumes/000003.tar의 바이트 512");
        assert_eq!(Place::from(EntryIndex(7)).text().korean(), "기록 항목 7");
    }
}
