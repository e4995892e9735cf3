"""What a question's answer holds, and how it is written out."""
