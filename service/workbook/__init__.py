"""The capacity-planning workbook of live cells."""
