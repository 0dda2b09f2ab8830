delivery as {0}
