event as {0}
