select locale, zone, roles, erased_at from user_history
where env = ? and user = ? and version <= ?
order by version desc
limit 1
