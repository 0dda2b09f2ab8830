select kind, scope, version, at, body, source
from setting_history
where env = ?1 and user = ?2 and (kind, scope, version) > (?3, ?4, ?5)
order by kind, scope, version
limit ?6
