with topics as materialized (select value as topic from json_each(?))
select s.topic, s.user
from json_each(?) as j
cross join topics
cross join subscription as s
    on s.env = ? and s.topic = topics.topic and s.user = j.value and s.until is null
