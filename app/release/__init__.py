"""From a record to the artefacts of a release."""
