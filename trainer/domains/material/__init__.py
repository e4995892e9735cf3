"""What domains are made of: files and their sources, tiles, codes and words."""
