select name, version, body, at from template where env = $1 and deleted_at is null order by name
