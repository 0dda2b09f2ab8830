update "user" set settings_version = settings_version + 1
where env = $1 and "user" = $2 and erased_at is null
returning settings_version
