//! What the library advises, as commands of this program.

use vouchsafe_core::model::Bilingual;
use vouchsafe_core::verify::Remedy;

/// The command that a remedy is taken with, as the end of a sentence.
pub const fn command(remedy: Remedy) -> Bilingual {
    match remedy {
        Remedy::Rebuild => (
            "in an archive, `vouchsafe rebuild` makes the index anew; a copy needs none",
            "보존소에서는 `vouchsafe rebuild`로 색인을 다시 만들 수 있습니다. 복제본에는 색인이 필요하지 않습니다.",
        ),
        Remedy::Replicate => (
            "`vouchsafe replicate` brings the copy up, where the archive can be written to",
            "보존소에 쓸 수 있는 곳에서 `vouchsafe replicate`로 복제본을 최신 상태로 만들 수 있습니다.",
        ),
        Remedy::Verify => ("see `vouchsafe verify`", "`vouchsafe verify`를 참고하십시오."),
        Remedy::VerifyCopy => {
            ("see `vouchsafe verify --against COPY`", "`vouchsafe verify --against COPY`를 참고하십시오.")
        }
        Remedy::Repair => ("see `vouchsafe repair`", "`vouchsafe repair`를 참고하십시오."),
        Remedy::Parity => (
            "`vouchsafe parity` reads the parity, with --check-volumes both",
            "`vouchsafe parity`로 패리티를, --check-volumes를 더하면 볼륨도 읽어 확인합니다.",
        ),
    }
}
