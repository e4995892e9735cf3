"""Studies by name: each is one file, with its records, that `make reproduce STUDY=name` computes again."""
