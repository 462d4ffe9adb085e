"""How words travel: channels, what they say, what comes in, and how it becomes a verb."""
