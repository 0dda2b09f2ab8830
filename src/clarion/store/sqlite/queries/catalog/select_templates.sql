select name, version, body, at from template where env = ? and deleted_at is null order by name
