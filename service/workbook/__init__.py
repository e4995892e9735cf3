"""The capacity-planning workbook."""
