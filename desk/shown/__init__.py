"""What screens show: stored facts turned into words, one function per piece of a page."""
