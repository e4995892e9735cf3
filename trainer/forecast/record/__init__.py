"""How forecasts of collected tables have fared."""
