//! The advice of the library, worded as commands of this program.

use std::borrow::Cow;

use vouchsafe_archive::{Mend, shell_word};
use vouchsafe_core::model::Bilingual;
use vouchsafe_core::verify::Remedy;

/// What to do about a finding, as the end of a sentence.
pub const fn command(remedy: Remedy) -> Bilingual {
    match remedy {
        Remedy::Rebuild => (
            "in an archive, `vouchsafe rebuild` rebuilds the index; a copy needs none",
            "보존소에서는 `vouchsafe rebuild`로 색인을 다시 만들 수 있습니다. 복제본에는 색인이 필요하지 않습니다.",
        ),
        Remedy::Replicate => (
            "`vouchsafe replicate` brings the copy up to date, if the archive is writable",
            "보존소에 쓸 수 있는 곳에서 `vouchsafe replicate`로 복제본을 최신 상태로 만들 수 있습니다.",
        ),
        Remedy::Verify => ("see `vouchsafe verify`", "`vouchsafe verify`를 참고하십시오."),
        Remedy::VerifyCopy => {
            ("see `vouchsafe verify --against COPY`", "`vouchsafe verify --against COPY`를 참고하십시오.")
        }
        Remedy::Repair => ("see `vouchsafe repair`", "`vouchsafe repair`를 참고하십시오."),
        Remedy::Parity => (
            "`vouchsafe parity` reads the parity, and with --check-volumes the volumes too",
            "`vouchsafe parity`로 패리티를, --check-volumes를 더하면 볼륨도 읽어 확인합니다.",
        ),
    }
}

/// What to do about a risk.
pub fn mending(mend: &Mend) -> Cow<'_, str> {
    let command = match mend {
        Mend::Advice(advice) => return advice.into(),
        Mend::RevokeKey(path) => {
            let path = shell_word(path);
            return format!("mv {path} ELSEWHERE; if others may have had it: vouchsafe agent revoke").into();
        }
        Mend::Rebuild => "vouchsafe rebuild",
        Mend::Open => "vouchsafe list (any command that opens the archive brings the index up to date)",
        Mend::Restore => "vouchsafe repair (from parity), or vouchsafe repair --from DIR",
        Mend::RestoreFromCopy => "vouchsafe repair --from DIR",
        Mend::CompareTail => {
            "compare with another copy: vouchsafe verify --against COPY, vouchsafe repair --from DIR. If there is \
             none, and a power cut explains it, the next command that writes moves the bytes to quarantine/"
        }
        Mend::CompareTailOnly => {
            "compare with another copy: vouchsafe verify --against COPY, vouchsafe repair --from DIR. Leave the bytes \
             there until you have a newer version"
        }
        Mend::MoveTail => {
            "vouchsafe rebuild (like any command that writes, it moves it to quarantine/); then repeat what was \
             interrupted"
        }
        Mend::Compare => "do not write; run vouchsafe verify, and compare with a copy: vouchsafe verify --against COPY",
        Mend::MakeCopy => "vouchsafe replicate TARGET --medium removable --site other-site",
        Mend::UpdateCopy => "vouchsafe replicate TARGET (the folder of that copy)",
        Mend::RecordVerification => "vouchsafe verify --record",
        Mend::RecordWholeVerification => "vouchsafe verify --record (of everything)",
        Mend::VerifyOnly => "vouchsafe verify (this version cannot record the outcome here: keep the output)",
        Mend::VerifyLoss => "vouchsafe verify (shows what is lost; restore it from a copy)",
        Mend::VerifyDegraded => "vouchsafe verify (shows what is degraded)",
        Mend::SetClock => "set the clock; if an earlier clock was wrong: --accept-clock (see the guide)",
        Mend::RestoreKeys => "restore them from their backup, or give --key and --log-key",
        Mend::RestoreLogKey => "restore the right one from its backup, or give --log-key",
        Mend::AddAgent => "vouchsafe agent list; an administrator can add a key with: vouchsafe agent add",
        Mend::AddAgentWithNewer => "vouchsafe agent list; an administrator can add a key with a newer version",
        Mend::MakeParity => "vouchsafe parity",
        Mend::MakeParityWithNewer => "use a newer version for: vouchsafe parity",
        Mend::FinishRepair => "vouchsafe repair --apply",
        Mend::ShowRepair => "vouchsafe repair (shows which of the two; only a newer version can log it)",
    };
    command.into()
}
