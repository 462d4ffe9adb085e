"""Figures, one file each: what past incidents say about how the desk works."""
