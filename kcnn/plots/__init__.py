"""Arrays in, figures out; the only importer of matplotlib."""
