//! Values with a fixed meaning: lists of codes, each with what it is called in English and Korean.

/// A value with a fixed meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    /// What is kept.
    pub code: &'static str,
    /// What it is called in English.
    pub english: &'static str,
    /// What it is called in Korean.
    pub korean: &'static str,
}

const fn choice(code: &'static str, english: &'static str, korean: &'static str) -> Choice {
    Choice { code, english, korean }
}

/// The code of a statement that a person made, in writing.
pub const TESTIMONY_STATEMENT: &str = "testimony_statement";
/// The code of a recorded testimony.
pub const TESTIMONY_AV: &str = "testimony_av";
/// The code of a captured page.
pub const WEB_CAPTURE: &str = "web_capture";
/// The code of what was taken from a device.
pub const DEVICE_EXTRACT: &str = "device_extract";
/// The code of a picture.
pub const IMAGE: &str = "image";
/// The code of moving pictures.
pub const VIDEO: &str = "video";
/// The code of sound alone.
pub const AUDIO: &str = "audio";
/// The code of a picture from a satellite.
pub const SATELLITE_IMAGE: &str = "satellite_image";
/// The code of what came by being captured online.
pub const ONLINE_CAPTURE: &str = "online_capture";
/// The code of what came by being taken from a device.
pub const DEVICE_EXTRACTION: &str = "device_extraction";

/// What kind of thing an exhibit is.
pub(super) const CATEGORIES: &[Choice] = &[
    choice("document", "Document", "문서"),
    choice(IMAGE, "Image", "사진·이미지"),
    choice(VIDEO, "Video", "영상"),
    choice(AUDIO, "Audio recording", "녹음"),
    choice(TESTIMONY_STATEMENT, "Written testimony", "진술서"),
    choice(TESTIMONY_AV, "Recorded testimony", "증언 녹음·녹화"),
    choice(WEB_CAPTURE, "Web capture", "웹 수집물"),
    choice(SATELLITE_IMAGE, "Satellite image", "위성 사진"),
    choice("dataset", "Dataset", "데이터 집합"),
    choice(DEVICE_EXTRACT, "Extract from a device", "기기 추출물"),
    choice("email", "Email", "전자우편"),
    choice("chat_export", "Chat export", "대화 내보내기"),
    choice("physical_item_scan", "Scan of a physical item", "실물 스캔"),
    choice("certificate", "Certificate", "증명서"),
    choice("other", "Other", "기타"),
];

/// What an exhibit is in relation to the original.
pub(super) const COPY_ROLES: &[Choice] = &[
    choice("evidentiary", "Evidentiary copy", "증거본"),
    choice("working", "Working copy", "작업본"),
    choice("derivative", "Derivative", "파생본"),
    choice("redacted", "Redacted copy", "비식별본"),
    choice("translation", "Translation", "번역본"),
    choice("transcript", "Transcript", "녹취록"),
    choice("access_copy", "Access copy", "열람본"),
];

/// How far an exhibit is from the first recording.
pub(super) const GENERATIONS: &[Choice] = &[
    choice("camera_original", "Original of the camera or program", "촬영·작성 원본"),
    choice("first_copy", "First copy of the original", "원본의 첫 사본"),
    choice("re_encoded", "Re-encoded", "재인코딩본"),
    choice("platform_download", "Download from a platform", "플랫폼에서 내려받음"),
    choice("messenger_copy", "Copy from a messenger", "메신저 사본"),
    choice("scan", "Scan or photograph of an original", "원본의 스캔·촬영본"),
];

/// Whether it is all of what was recorded.
pub(super) const COMPLETENESS: &[Choice] =
    &[choice("complete", "Complete", "전체"), choice("excerpt", "Excerpt", "발췌")];

/// How the date of making is known.
pub(super) const DATE_BASES: &[Choice] = &[
    choice("metadata", "Metadata of the file", "파일 메타데이터"),
    choice("creator_statement", "Statement of the maker", "작성자의 진술"),
    choice("content_analysis", "Analysis of the content", "내용 분석"),
    choice("third_party", "Statement of a third party", "제3자의 진술"),
];

/// What the source is to the events: of micro-thesaurus 19 of HURIDOCS, in short.
pub(super) const CONNECTIONS: &[Choice] = &[
    choice("victim", "Victim", "피해자"),
    choice("witness", "Eyewitness", "목격자"),
    choice("perpetrator", "Perpetrator", "가해자"),
    choice("relative", "Relative", "가족·친척"),
    choice("third_party", "Third party", "제3자"),
    choice("ngo", "NGO", "민간단체"),
];

/// How it came.
pub(super) const CHANNELS: &[Choice] = &[
    choice("in_person", "In person", "대면"),
    choice("physical_media", "Physical medium", "저장 매체"),
    choice(ONLINE_CAPTURE, "Online capture", "온라인 수집"),
    choice("encrypted_upload", "Encrypted upload", "암호화 업로드"),
    choice("messenger", "Messenger", "메신저"),
    choice("email", "Email", "전자우편"),
    choice("third_party_transfer", "Transfer from a third party", "제3자 이관"),
    choice(DEVICE_EXTRACTION, "Extraction from a device", "기기 추출"),
    choice("legacy_collection", "Older collection", "기존 소장 자료"),
];

/// What the clock was set by.
pub(super) const CLOCKS: &[Choice] = &[
    choice("ntp", "Network time (NTP)", "네트워크 시각(NTP)"),
    choice("gps", "GPS", "위성 시각(GPS)"),
    choice("manual_checked", "Set and checked by hand", "수동 설정·확인"),
    choice("unsynced", "Not synchronised", "동기화 안 됨"),
];

/// Who may see it.
pub(super) const SENSITIVITIES: &[Choice] = &[
    choice("public", "Public", "공개"),
    choice("internal", "Internal", "내부용"),
    choice("confidential", "Confidential", "대외비"),
    choice("restricted", "Restricted", "제한"),
    choice("sealed", "Sealed", "봉인"),
];

/// How far it was verified.
pub(super) const VERIFICATIONS: &[Choice] = &[
    choice("unverified", "Not verified", "미검증"),
    choice("in_progress", "In progress", "검증 중"),
    choice("corroborated", "Corroborated", "뒷받침됨"),
    choice("disputed", "Disputed", "다툼 있음"),
    choice("false", "Found to be false", "허위로 확인됨"),
];

/// How a testimony was taken down.
pub(super) const RECORDINGS: &[Choice] = &[
    choice("audio", "Audio", "녹음"),
    choice("video", "Video", "녹화"),
    choice("notes", "Notes", "메모"),
    choice("written_statement", "Written statement", "서면 진술"),
    choice("remote", "Remote", "원격"),
];

/// Yes or no. What is not known is said with the reason.
pub(super) const YES_NO: &[Choice] = &[choice("yes", "Yes", "예"), choice("no", "No", "아니요")];
