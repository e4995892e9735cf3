"""What columns and keys are called, and what units and scales their names say."""
