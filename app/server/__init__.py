"""The application and its services."""
