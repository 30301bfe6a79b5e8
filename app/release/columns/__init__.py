"""What the columns of each class are, worked out from ontology, shapes and use."""
