"""What a question's answer holds, how it is written out, and what pages, reports and the workbook show of it."""
