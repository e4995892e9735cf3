"""Where a sweep's runs are trained, and how their progress is shown."""
