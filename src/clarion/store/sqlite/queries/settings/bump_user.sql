update user set settings_version = settings_version + 1
where env = ? and user = ? and erased_at is null
returning settings_version
