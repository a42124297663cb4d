//! Bad input: a clear error that names the thing and the way out, nothing lost, nothing half done.

mod damage;
mod disk;
mod index;
mod interruption;
mod keys;
mod limits;
mod metadata;
mod partial;
mod permission;
mod places;
mod rewritten;
mod sources;
