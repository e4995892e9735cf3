"""The OpenAPI 3.1 document, made from the registries: what clients are generated from."""
