"""The files of a release: a module for each family of formats, and the proof of what they hold."""
