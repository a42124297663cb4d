//! The table of fields itself.

use super::choices::{
    CATEGORIES, CHANNELS, CLOCKS, COMPLETENESS, CONNECTIONS, COPY_ROLES, DATE_BASES, GENERATIONS, RECORDINGS,
    SENSITIVITIES, VERIFICATIONS, YES_NO,
};
use super::field::{FieldKind, KnownField, When, WrittenBy, described};
use super::names::{
    CAPTURED_DATE, CHANNEL, COLLECTION, COPY_GENERATION, CREATED_DATE, CREATOR, DESCRIBED_BY, DOWNLOADED_FROM,
    EXHIBIT_NO, INTERVIEW_DATE, INTERVIEW_LANGUAGES, INTERVIEW_PLACE, INTERVIEWERS, LANGUAGES, METHOD, NAME, NOTE,
    OBJECT_CATEGORY, ORIGINAL_NAME, PLACE, PURPOSE, REASON, RECIPIENT, SENDER, SOURCE, SOURCE_PATH, TITLE, WITNESS,
};

/// The fields, in the order in which they are shown.
pub const FIELDS: &[KnownField] = &[
    described(TITLE, "Title", "제목", "a title that is safe to disclose")
        .mandatory(When::Always, "What is it?", "이것은 무엇인가?")
        .searched()
        .dublin_core("title"),
    described("description", "Description", "설명", "what it is, in a few sentences")
        .recommended(When::Always, "What does it show or say?", "무엇을 보여 주거나 말하는가?")
        .asked_by("Leiden A6")
        .dublin_core("description"),
    described(COLLECTION, "Collection", "모음", "the collection that it belongs to")
        .mandatory(When::Always, "Which collection does it belong to?", "어느 모음에 속하는가?")
        .dublin_core("isPartOf"),
    described("case", "Case", "사건", "the case that it belongs to"),
    described(EXHIBIT_NO, "Exhibit no.", "증거 번호", "the organisation's own number for it")
        .recommended(When::Always, "Which number does it have?", "번호는 무엇인가?")
        .asked_by("Berkeley 162; CASE exhibitNumber")
        .searched()
        .dublin_core("identifier"),
    described("external_ids", "Numbers elsewhere", "다른 기관의 번호", "numbers that others gave it, such as an ERN")
        .of(FieldKind::List),
    described(OBJECT_CATEGORY, "Category", "유형", "what kind of thing it is")
        .one_of(CATEGORIES)
        .mandatory(When::Always, "What kind of thing is it?", "어떤 종류의 자료인가?")
        .asked_by("HURIDOCS 2512")
        .dublin_core("type"),
    described("copy_role", "Role of the copy", "사본의 역할", "whether it is the evidentiary copy, or what was made of it")
        .one_of(COPY_ROLES)
        .mandatory(
            When::Always,
            "Is it the evidentiary copy, or was it made from another one?",
            "증거본인가, 다른 것에서 만든 것인가?",
        )
        .asked_by("Berkeley 168–169"),
    described(COPY_GENERATION, "Generation of the copy", "사본의 세대", "how far it is from the first recording")
        .one_of(GENERATIONS)
        .mandatory(When::Always, "Is it the first recording, or a copy of it?", "최초 기록인가, 그 사본인가?")
        .asked_by("Leiden A1"),
    described("completeness", "Completeness", "완전성", "whether it is all of what was recorded")
        .one_of(COMPLETENESS)
        .mandatory(When::Recording, "Is it the whole recording?", "기록 전체인가?")
        .asked_by("Leiden A1, F1"),
    described(SOURCE, "Source", "출처", "who gave it: name or pseudonym")
        .mandatory(When::Always, "Who gave it?", "누가 제공했는가?")
        .asked_by("Leiden A6; HURIDOCS 2502")
        .dublin_core("provenance"),
    described("source_connection", "Connection of the source", "출처와 사건의 관계", "what the source is to the events")
        .such_as(CONNECTIONS)
        .recommended(When::Always, "What has the source to do with the events?", "출처는 사건과 어떤 관계인가?")
        .asked_by("HURIDOCS 2509"),
    described("source_claims", "Claims of the source", "출처의 주장", "what the source says of it, in the source's words")
        .recommended(When::Always, "What did the source say of it?", "출처는 이것을 무엇이라고 했는가?")
        .asked_by("Berkeley 155(f)"),
    described(CREATOR, "Made by", "작성자", "who made it: name or pseudonym")
        .mandatory(When::Always, "Who made it?", "누가 만들었는가?")
        .asked_by("Leiden A6, B2")
        .dublin_core("creator"),
    described(CHANNEL, "How it came", "입수 경로", "how it came")
        .such_as(CHANNELS)
        .mandatory(When::Always, "How did it come into the organisation's hands?", "어떻게 입수했는가?")
        .asked_by("Berkeley 167")
        .dublin_core("accrualMethod"),
    described(
        "received_date",
        "Date received",
        "입수일",
        "when it was received, if that was not on the day of the ingest (EDTF)",
    )
    .of(FieldKind::Date)
    .asked_by("Berkeley 155(g)")
    .dublin_core("dateAccepted"),
    described("received_by", "Received by", "입수자", "who received it, if it was not the agent who ingested it")
        .asked_by("India BSA 63(4)"),
    described("received_place", "Place received", "입수 장소", "where it was received")
        .recommended(When::Always, "Where was it received?", "어디에서 입수했는가?")
        .asked_by("ISO/IEC 27037"),
    described("device", "Device", "기기", "the device that it was taken from: make, model, serial number")
        .mandatory(When::Device, "From which device was it taken?", "어느 기기에서 추출했는가?")
        .asked_by("India BSA 63(4), part A"),
    described("collection_method", "Method of collection", "수집 방법", "how it was collected, and by which procedure")
        .mandatory(When::Collected, "How was it collected?", "어떻게 수집했는가?")
        .asked_by("Berkeley 154"),
    described("collection_tool", "Tool of collection", "수집 도구", "the program that collected it, with its version")
        .mandatory(When::Collected, "Which program collected it?", "어떤 프로그램으로 수집했는가?")
        .asked_by("Berkeley 154"),
    described("clock_source", "Source of the time", "시각의 출처", "what the clock was set by")
        .such_as(CLOCKS)
        .mandatory(When::Collected, "Was the clock right?", "시계는 정확했는가?")
        .asked_by("Berkeley 155(g)"),
    described("url", "Web address", "웹 주소", "the address that it was captured from")
        .mandatory(When::Online, "From which address was it captured?", "어느 주소에서 수집했는가?")
        .asked_by("Berkeley 155(a)"),
    described(CAPTURED_DATE, "Date captured", "수집일", "when it was captured, to the second if that is known (EDTF)")
        .of(FieldKind::Date)
        .mandatory(When::Online, "When was it captured?", "언제 수집했는가?")
        .asked_by("Berkeley 155(c), (g)"),
    described("legal_basis", "Legal basis", "법적 근거", "by what right it was collected and is held")
        .recommended(When::Always, "By what right was it collected?", "어떤 법적 근거로 수집했는가?")
        .asked_by("Rome Statute 69(7)"),
    described(CREATED_DATE, "Date made", "작성일", "when it was made (EDTF)")
        .of(FieldKind::Date)
        .mandatory(When::Always, "When was it made?", "언제 만들어졌는가?")
        .asked_by("Leiden A6, B2")
        .dublin_core("created"),
    described("created_date_basis", "Basis of the date", "작성일의 근거", "how the date of making is known")
        .one_of(DATE_BASES)
        .mandatory(When::Dated, "How is the date known?", "작성일을 어떻게 아는가?")
        .asked_by("Leiden B2"),
    described(
        "published_date",
        "Date published",
        "공표일",
        "when it was published or broadcast, if that is another day (EDTF)",
    )
    .of(FieldKind::Date)
    .mandatory(When::Online, "When was it published?", "언제 공표되었는가?")
    .asked_by("Leiden B2")
    .dublin_core("issued"),
    described(
        "events_period",
        "Period of the events",
        "사건 시기",
        "when the events happened that it speaks of (EDTF)",
    )
    .of(FieldKind::Date)
    .recommended(When::Always, "When did the events happen?", "사건은 언제 일어났는가?")
    .asked_by("HURIDOCS 113, 114")
    .dublin_core("temporal"),
    described(PLACE, "Place", "장소", "where it was made, as precisely as is known")
        .mandatory(When::Always, "Where was it made?", "어디에서 만들어졌는가?")
        .asked_by("Leiden A6")
        .dublin_core("spatial"),
    described(
        "place_names",
        "Other names of the place",
        "장소의 다른 이름",
        "the place in other scripts and spellings, and the units that it lies in",
    )
    .of(FieldKind::List)
    .asked_by("Leiden A6"),
    described(
        "coordinates",
        "Coordinates",
        "좌표",
        "where the place lies: latitude, longitude in decimal degrees, and how far off that may be: 41.79, 128.88 ±500 m",
    )
    .of(FieldKind::Coordinates)
    .recommended(When::Always, "Where exactly is that?", "정확히 어느 지점인가?")
    .asked_by("Leiden A6"),
    described("depicted_places", "Places shown", "보이는 장소", "the places that it shows or speaks of")
        .of(FieldKind::List)
        .recommended(When::Picture, "Which places does it show?", "어느 장소가 보이는가?")
        .asked_by("Leiden A6"),
    described("depicted_persons", "Persons shown", "보이는 사람", "the persons that it shows: pseudonyms")
        .of(FieldKind::List)
        .recommended(When::Picture, "Whom does it show, and did they consent?", "누가 보이며, 그들이 동의했는가?")
        .asked_by("Leiden A8"),
    described("subjects", "Subjects", "주제", "what it is about, in words or codes").of(FieldKind::List).dublin_core("subject"),
    described(LANGUAGES, "Languages", "언어", "languages (BCP 47, or by name), separated by commas")
        .of(FieldKind::Languages)
        .mandatory(When::Always, "Which languages are in it?", "어떤 언어로 되어 있는가?")
        .asked_by("HURIDOCS 2510")
        .disclosed()
        .dublin_core("language"),
    described(WITNESS, "Witness", "증인", "who testifies: a pseudonym")
        .mandatory(When::Testimony, "Who testifies?", "누가 증언하는가?")
        .asked_by("Rome Statute 68(1)"),
    described(INTERVIEWERS, "Interviewers", "면담자", "who asked the questions")
        .of(FieldKind::List)
        .mandatory(When::Testimony, "Who asked the questions?", "누가 질문했는가?"),
    described("interpreter", "Interpreter", "통역", "who interpreted, or: none")
        .mandatory(When::Testimony, "Was there an interpreter?", "통역이 있었는가?"),
    described("others_present", "Others present", "동석자", "who else was there, or: none")
        .of(FieldKind::List)
        .mandatory(When::Testimony, "Who else was there?", "그 밖에 누가 있었는가?"),
    described(INTERVIEW_DATE, "Date of the interview", "면담일", "when the witness was heard (EDTF)")
        .of(FieldKind::Date)
        .mandatory(When::Testimony, "When was the witness heard?", "언제 증언을 들었는가?"),
    described(INTERVIEW_PLACE, "Place of the interview", "면담 장소", "where the witness was heard")
        .mandatory(When::Testimony, "Where was the witness heard?", "어디에서 증언을 들었는가?"),
    described(
        INTERVIEW_LANGUAGES,
        "Languages of the interview",
        "면담 언어",
        "languages that were spoken (BCP 47, or by name), separated by commas",
    )
    .of(FieldKind::Languages)
    .mandatory(When::Testimony, "In which language did the witness speak?", "증인은 어떤 언어로 말했는가?"),
    described("recording_mode", "How it was recorded", "기록 방식", "how the testimony was taken down")
        .one_of(RECORDINGS)
        .mandatory(When::Testimony, "How was the testimony recorded?", "증언을 어떻게 기록했는가?"),
    described("first_account", "First account", "첫 진술 여부", "whether the witness spoke of it for the first time")
        .one_of(YES_NO)
        .mandatory(When::Testimony, "Was it the witness's first account?", "증인의 첫 진술인가?")
        .asked_by("CSO Guidelines (Eurojust, ICC)"),
    described(
        "prior_statements",
        "Earlier statements",
        "이전 진술",
        "to whom the witness spoke before, and when, or: none",
    )
    .of(FieldKind::List)
    .mandatory(When::Testimony, "To whom did the witness speak before?", "증인이 이전에 누구에게 진술했는가?")
    .asked_by("CSO Guidelines (Eurojust, ICC)"),
    described("read_back", "Read back", "낭독 확인", "whether it was read back to the witness and confirmed")
        .one_of(YES_NO)
        .mandatory(When::Testimony, "Was it read back to the witness?", "증인에게 다시 읽어 주었는가?"),
    described("signed_by_witness", "Signed by the witness", "증인 서명", "whether the witness signed it")
        .one_of(YES_NO)
        .mandatory(When::Testimony, "Did the witness sign it?", "증인이 서명했는가?"),
    described("oath", "Oath or affirmation", "선서", "which oath or affirmation was made"),
    described("payment_or_benefit", "Payment or benefit", "대가나 혜택", "what the witness got for it, or: none")
        .mandatory(When::Testimony, "Did the witness get anything for it?", "증인이 대가를 받았는가?"),
    described("consent", "Consent", "동의", "what the persons concerned agreed to, and when")
        .mandatory(When::Testimony, "What did the witness agree to?", "증인은 무엇에 동의했는가?")
        .asked_by("Leiden A8, B4"),
    described("sensitivity", "Sensitivity", "민감도", "who may see it")
        .one_of(SENSITIVITIES)
        .mandatory(When::Always, "Who may see it?", "누가 볼 수 있는가?")
        .asked_by("HURIDOCS x08; Rome Statute 68(1)")
        .dublin_core("accessRights"),
    described("verification_status", "Verification", "검증 상태", "how far its content was verified")
        .one_of(VERIFICATIONS)
        .mandatory(When::Always, "Has anybody verified its content?", "내용을 검증했는가?")
        .asked_by("Berkeley, verification"),
    described("retention", "Retention", "보존 기간", "how long it is kept, and who decides that")
        .mandatory(When::Always, "How long is it kept?", "얼마나 오래 보존하는가?")
        .asked_by("GDPR 5(1)(e)"),
    described(ORIGINAL_NAME, "Original file name", "원래 파일 이름", "the name that the file had at its source")
        .by(WrittenBy::Program)
        .searched()
        .premis("originalName"),
    described(SOURCE_PATH, "Path at the source", "출처에서의 경로", "the path that the file had at its source")
        .by(WrittenBy::Program),
    described(
        "source_modified_at",
        "Last changed, as the source says",
        "출처에 표시된 수정 시각",
        "when the file was last changed, as its file system said",
    )
    .of(FieldKind::Time)
    .by(WrittenBy::Program)
    .dublin_core("modified"),
    described(
        "source_created_at",
        "Created, as the source says",
        "출처에 표시된 생성 시각",
        "when the file was made, as its file system said",
    )
    .of(FieldKind::Time)
    .by(WrittenBy::Program),
    described(
        DOWNLOADED_FROM,
        "Downloaded from",
        "내려받은 주소",
        "the addresses that the file was downloaded from, as the browser noted them",
    )
    .of(FieldKind::List)
    .by(WrittenBy::Program),
    described(
        DESCRIBED_BY,
        "Described by",
        "서술한 보존소",
        "the archive whose description of the exhibit was taken over with an import",
    )
    .by(WrittenBy::Program),
    described(NOTE, "Remark", "비고", "a remark").by(WrittenBy::Act),
    described(PURPOSE, "Purpose", "목적", "what a copy or a bundle is for").by(WrittenBy::Act),
    described(RECIPIENT, "Recipient", "받은 사람", "who gets it").by(WrittenBy::Act),
    described(SENDER, "Sender", "보낸 사람", "who sent a bundle").by(WrittenBy::Act),
    described(METHOD, "Method", "전달 방법", "how a bundle travels").by(WrittenBy::Act),
    described(REASON, "Reason", "이유", "why it was done, or is so").by(WrittenBy::Act),
    described(NAME, "Name", "이름", "the name or pseudonym of an agent").by(WrittenBy::Act),
];
