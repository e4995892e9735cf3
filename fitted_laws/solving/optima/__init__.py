"""Where a budget is best spent, by kinds of laws without a closed form or as printed; and laws whose irreducible loss is pinned."""
