"""Questions about models: shapes, domains, units and what a model knows."""
