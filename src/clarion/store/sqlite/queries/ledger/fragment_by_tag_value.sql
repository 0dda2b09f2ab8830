event_tag as {0} indexed by event_tag_by_value
