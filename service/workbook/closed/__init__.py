"""What the workbook calculates without the service: laws of additive form, in closed formulas."""
