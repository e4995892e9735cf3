"""What averages, short decays and batches are worth at equal compute."""
