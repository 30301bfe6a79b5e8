"""Rules about a record that no shape can see."""
