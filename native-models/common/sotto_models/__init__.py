"""Training, exporting and judging the models that Sotto ships."""
