"""One module a tool, loaded only when that tool is asked for: each gives the runs that the tool keeps."""
