update api_key set revoked_at = ?1
where hint = ?2 and revoked_at is null and (?3 is null or env = ?3)
