"""HTTP: negotiation, responses, problems. Nothing of ours."""
