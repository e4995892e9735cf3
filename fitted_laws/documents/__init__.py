"""What documents and pages show of laws and questions, as Markdown."""
