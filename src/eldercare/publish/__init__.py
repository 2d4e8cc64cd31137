"""Publish: run the notebooks, make pages, tables, workbook and front page, and put them in place at once."""
