"""The law that a sweep's runs say."""
