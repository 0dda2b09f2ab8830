select topic, since, until
from subscription indexed by subscription_by_user
where env = ?1 and user = ?2 and (topic, since) > (?3, ?4)
order by topic, since
limit ?5
