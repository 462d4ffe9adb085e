"""`python -m tests.playbooks.golden > tests/playbooks/golden/deadlines.txt` renews the golden file."""

import sys

from tests.playbooks.golden import table

sys.stdout.buffer.write(table().encode())
