"""Tables as texts: encoding, delimiter, quotes, spelling of numbers; what their columns mean is for others to say."""
