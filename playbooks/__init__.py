"""What should be done, and by when: playbooks, legal bases, working time. No database, no web."""
