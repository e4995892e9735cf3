"""The documents as one static site: the Markdown files of docs/ in one frame, and a plot for every law. Nothing on it comes from elsewhere."""
