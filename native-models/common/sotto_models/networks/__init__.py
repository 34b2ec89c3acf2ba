"""Network definitions, one file per family."""
