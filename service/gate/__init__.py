"""What a request passes before it is answered: keys, rates, limits and the cache."""
