"""What reaches out of the program. Handed its settings; no queries, no models, no pages."""
