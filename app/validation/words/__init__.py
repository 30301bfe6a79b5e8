"""Results in plain words, for people who know no RDF."""

from app.validation.words.labels import Labels
from app.validation.words.words import Detail, Words

__all__ = ["Detail", "Labels", "Words"]
