"""Sources of examples, and the pipeline that turns them into batches."""
