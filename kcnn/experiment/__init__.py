"""The composition root: one verb a file, where the parts that do not know one another meet."""
