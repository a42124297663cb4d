//! The reference of the commands is the program's own help.
