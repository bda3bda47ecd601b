"""Customer feedback to journey: read, tag, map and report, on your own machine."""
