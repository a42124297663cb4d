//! What an ingest keeps out, leaves out or must say of what it takes in.

mod metadata_files;
mod secrets;
mod sources;
