"""``make bench``: the desk beside the bare floor, the same work in raw driver calls, side by side in one run."""
