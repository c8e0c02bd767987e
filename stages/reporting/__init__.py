"""The report: one page, from what the other stages wrote."""
