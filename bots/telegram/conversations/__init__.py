"""What the bot talks about, one conversation per file. Each takes a turn: calls one verb, owes an answer."""
