"""What a tool knows of its session: variables, programs, and the tools of the host."""
