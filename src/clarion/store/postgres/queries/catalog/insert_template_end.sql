insert into template_history (env, name, version, at, body, deleted_at)
select env, name, version, at, '', deleted_at from template where env = $1 and name = $2
