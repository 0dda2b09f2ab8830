-- (topic, place) as of an instant: the topic itself at 0, then its parents; deleted ones end the walk.
with recursive above (topic, place) as (
    select $2::int8, 0::int8
    union all
    select t.parent, above.place + 1
    from above
    join topic_history as t
        on t.env = $1 and t.topic = above.topic and t.deleted_at is null
        and t.version = (
            select max(h.version) from topic_history as h
            where h.env = $1 and h.topic = above.topic and h.at <= $4
        )
    where t.parent > 0 and above.place < $3
)
select above.topic
from above
left join topic_history as t
    on t.env = $1 and t.topic = above.topic
    and t.version = (
        select max(h.version) from topic_history as h
        where h.env = $1 and h.topic = above.topic and h.at <= $4
    )
where above.place = 0 or t.deleted_at is null
order by above.place
