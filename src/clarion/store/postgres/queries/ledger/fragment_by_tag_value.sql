event_tag as {0}
