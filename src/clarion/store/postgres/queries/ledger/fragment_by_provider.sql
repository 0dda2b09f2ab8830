provider_reference as {0}
