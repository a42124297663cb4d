//! Media types as people ask for them.

use vouchsafe_core::format::bundle::ending_of;
use vouchsafe_core::model::MediaType;

/// The media types that a person asks for: one of them, its first half, or the usual ending of its files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaTypes(String);

impl MediaTypes {
    /// Those that were typed: `application/pdf`, `image`, `jpeg`, `.HWP`.
    #[must_use]
    pub fn named(typed: &str) -> Self {
        let typed = typed.to_ascii_lowercase();
        let usual = match typed.trim_start_matches('.') {
            "jpeg" => "jpg",
            "tiff" => "tif",
            "htm" => "html",
            "mpeg" => "mpg",
            known => known,
        };
        Self(usual.to_owned())
    }

    /// The usual way to write it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a media type is among them; none is where an exhibit is sealed.
    #[must_use]
    pub fn contain(&self, media_type: Option<&MediaType>) -> bool {
        let wanted = self.0.as_str();
        let found = MediaType::told(media_type);
        found == wanted
            || media_type.is_some_and(|media_type| ending_of(media_type) == wanted)
            || found.strip_prefix(wanted).is_some_and(|rest| rest.starts_with('/') || wanted.ends_with('/'))
    }
}
