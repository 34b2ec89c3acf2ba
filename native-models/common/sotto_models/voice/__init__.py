"""Voice privacy: teacher, front end, codes, source-filter synthesis and their data."""
