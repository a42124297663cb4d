//! What events are called, in the words of people and of others' vocabularies.

use super::language::ReportLanguage;
use super::notation::Bilingual;
use vouchsafe_core::format::bundle::ending_of;
use vouchsafe_core::model::{AgentKind, Direction, Event, MediaType, Role};
use vouchsafe_core::verify::bundle::OtherSide;

/// What happened, as a heading of a row. Kinds that no bundle holds keep their name.
pub(super) fn event(event: &Event) -> Bilingual {
    let newer = (
        "An event of a newer version, which this program does not know",
        "이 프로그램이 모르는, 더 새로운 버전의 기록",
    );
    event.kind().map_or(newer, |kind| kind.title().unwrap_or((kind.as_str(), "")))
}

/// What an entry says beyond its kind and its fields.
pub(super) fn particulars(event: &Event, language: ReportLanguage) -> String {
    let said = event.particulars();
    match language {
        ReportLanguage::Both => said.both(),
        ReportLanguage::English => said.english().to_owned(),
        ReportLanguage::Korean => said.korean().to_owned(),
    }
}

/// What happened, in as few words as a point in a drawing has room for.
pub(super) fn short(event: &Event) -> Bilingual {
    match event {
        Event::ExhibitIngested(_) => ("came into custody", "보관 시작"),
        Event::ExhibitDescribed(_) => ("fields were added", "서술 정보 추가"),
        Event::ExhibitNoted(_) => ("a remark was added", "비고 추가"),
        Event::CopyIssued(_) => ("a working copy was issued", "작업용 사본 발급"),
        Event::ExhibitExported(_) => ("exported in another bundle", "다른 제출 묶음으로 반출"),
        Event::ExhibitReceived(_) => ("received from another archive", "다른 보존소에서 인수"),
        Event::GapDeclared(_) => ("not known who had it", "보관자를 알 수 없음"),
        Event::CustodyPassed(body) => match body.direction {
            Direction::In => ("custody passed from another archive", "다른 보존소에서 보관 책임을 넘겨받음"),
            Direction::Out => ("custody passed to another archive", "다른 보존소로 보관 책임을 넘김"),
        },
        other => self::event(other),
    }
}

/// What a file is, roughly, by its media type.
pub(super) fn kind_of_file(media_type: &MediaType) -> Bilingual {
    let text = media_type.as_str();
    match text.split_once('/').map_or(text, |(family, _)| family) {
        "image" => ("images", "이미지"),
        "audio" => ("sound recordings", "음성"),
        "video" => ("videos", "영상"),
        "text" => ("documents", "문서"),
        "message" => ("e-mails", "전자우편"),
        _ => match ending_of(media_type) {
            "msg" => ("e-mails", "전자우편"),
            "doc" | "docx" | "hwp" | "hwpx" | "odt" | "pdf" | "rtf" => ("documents", "문서"),
            "ods" | "xls" | "xlsx" => ("tables", "표"),
            _ => ("other files", "그 밖의 파일"),
        },
    }
}

/// How far an entry by which custody passed is more than the word of one side.
pub(super) const fn other_side(other_side: OtherSide) -> Bilingual {
    match other_side {
        OtherSide::Offered => (
            "The letter in which the other archive offered it is in this bundle. To whom it was offered, and that nobody else \
             accepted it, the letter does not prove.",
            "상대 보존소가 인계를 제안한 서신이 이 제출 묶음에 들어 있습니다. 누구에게 제안하였는지, 다른 곳이 수락하지 않았는지는 이 \
             서신으로 증명되지 않습니다.",
        ),
        OtherSide::Accepted => (
            "The letter in which the other archive accepted it is in this bundle.",
            "상대 보존소가 인수를 수락한 서신이 이 제출 묶음에 들어 있습니다.",
        ),
        OtherSide::LetterDoesNotHold => (
            "The letter of the other archive is in this bundle, and does not prove it.",
            "상대 보존소의 서신이 이 제출 묶음에 들어 있으나, 이를 증명하지 못합니다.",
        ),
        OtherSide::Withheld => (
            "The letter of the other archive is withheld, and so is which archive it is.",
            "상대 보존소의 서신과 상대가 어느 보존소인지는 공개하지 않았습니다.",
        ),
        OtherSide::Missing => (
            "The word of one side: the letter of the other archive is not in this bundle.",
            "한쪽의 진술입니다. 상대 보존소의 서신은 이 제출 묶음에 들어 있지 않습니다.",
        ),
    }
}

/// Whether this archive compared the other one with what came from outside when custody passed.
pub(super) const fn compared(is_anchored: bool) -> Bilingual {
    match is_anchored {
        true => (
            "This archive compared the fingerprint of the other one with one from outside.",
            "이 보존소는 상대 보존소의 지문을 외부에서 받은 지문과 대조하였습니다.",
        ),
        false => (
            "This archive did NOT compare the fingerprint of the other one with one from outside: which archive it was is \
             not known.",
            "이 보존소는 상대 보존소의 지문을 외부에서 받은 지문과 대조하지 않았으므로, 상대가 어느 보존소인지는 알 수 없습니다.",
        ),
    }
}

/// What stands for the name of an agent.
pub(super) const NAME_WITHHELD: Bilingual = ("name withheld", "이름 비공개");

/// What an agent is.
pub(super) const fn agent_kind(kind: AgentKind) -> Bilingual {
    match kind {
        AgentKind::Person => ("person", "개인"),
        AgentKind::Organisation => ("organisation", "단체"),
        AgentKind::Software => ("software", "소프트웨어"),
    }
}

/// What an agent may do.
pub(super) const fn role(role: Role) -> Bilingual {
    match role {
        Role::Administrator => ("administrator", "관리자"),
        Role::Archivist => ("archivist", "기록관리자"),
        Role::Investigator => ("investigator", "조사관"),
        Role::Lawyer => ("lawyer", "변호사"),
    }
}
