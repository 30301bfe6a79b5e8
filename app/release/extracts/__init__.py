"""Parts of the dataset in the formats of everybody's tools."""
