select locale, zone, roles, erased_at from user_history
where env = $1 and "user" = $2 and version <= $3
order by version desc
limit 1
