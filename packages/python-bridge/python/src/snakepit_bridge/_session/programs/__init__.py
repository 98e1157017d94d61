"""The programs of a session: named JSON documents."""
