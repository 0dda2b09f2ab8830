update api_key set revoked_at = ? where hint = ? and revoked_at is null
