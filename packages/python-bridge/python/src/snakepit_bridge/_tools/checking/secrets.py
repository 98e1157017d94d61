"""What must not be shown in a message."""

from __future__ import annotations

import re

_secret = re.compile(r"secret|passw(?:or)?d|passphrase|token(?!i)|api_?key|private_?key|credential", re.IGNORECASE)


def names_secret(name: str) -> bool:
    """Whether a name of a parameter, field or type says that its values are secrets."""
    return _secret.search(name) is not None
