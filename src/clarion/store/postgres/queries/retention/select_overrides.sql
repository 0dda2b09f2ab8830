select env, kind, days from environment_retention order by env, kind
