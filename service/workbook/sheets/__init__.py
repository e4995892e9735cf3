"""The sheets of the workbook, one or a few a file."""
