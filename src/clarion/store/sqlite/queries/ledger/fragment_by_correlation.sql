event as {0} indexed by event_by_correlation
