"""The addresses of the API: what is asked, listed and described over HTTP."""
