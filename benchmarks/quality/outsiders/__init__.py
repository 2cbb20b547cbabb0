"""Others' libraries, each in an environment of its own (`make peers`), asked line by line."""
