"""Say what each value in params.yaml may be; stage `params` alone asks. May import core."""
