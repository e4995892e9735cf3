"""What tables are written in: delimited text, JSON, Excel, Parquet, packed or not."""
