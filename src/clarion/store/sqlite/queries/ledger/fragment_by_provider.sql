delivery as {0} indexed by delivery_by_provider
