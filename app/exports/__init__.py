"""From rows to the bytes of tables: knows no graph and no HTTP."""
