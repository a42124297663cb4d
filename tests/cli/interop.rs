//! Other people's tools judge what this program writes.
