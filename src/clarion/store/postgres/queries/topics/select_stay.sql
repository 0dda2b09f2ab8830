-- The last time a user was subscribed to a topic, and when the topic ended.
select s.since, s.until, t.deleted_at
from subscription as s
left join topic as t on t.env = s.env and t.topic = s.topic
where s.env = $1 and s.topic = $2 and s."user" = $3
order by s.since desc
limit 1
