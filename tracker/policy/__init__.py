"""Pure policy: values in, values out. No database, no network, no clock, no rows."""
