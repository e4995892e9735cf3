"""Questions about budgets: what to train for a compute, a target or a use."""
