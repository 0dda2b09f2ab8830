-- (topic, place): the topic itself at 0, then its parents; deleted ones end the walk.
with recursive above (topic, place) as (
    select $2::int8, 0::int8
    union all
    select t.parent, above.place + 1
    from above join topic as t on t.env = $1 and t.topic = above.topic and t.deleted_at is null
    where t.parent > 0 and above.place < $3
)
select above.topic
from above
left join topic as t on t.env = $1 and t.topic = above.topic
where above.place = 0 or t.deleted_at is null
order by above.place
