"""Studies of what is read and shown: positions, encodings, captions, frames."""
