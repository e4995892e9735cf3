"""The family of laws about the additive one, fitted to runs: where a loss lies by them, and how far they are believed."""
