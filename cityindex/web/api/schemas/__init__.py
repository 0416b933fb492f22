"""What the answers hold, for the OpenAPI document, by subject."""
