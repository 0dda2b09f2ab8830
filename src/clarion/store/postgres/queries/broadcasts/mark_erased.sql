-- A member who is being erased is counted by a number from now on; 1: was not yet counted among the subscribed.
update broadcast as b set erased = b.erased + 1
from subscription as s
where b.env = $1 and s.env = $1 and s."user" = $2 and b.topic = s.topic and s.since <= b.published_at
    and (s.until is null or s.until > b.published_at)
    and not (b.excepted::jsonb @> to_jsonb($2::int8))
returning b.event, b.workflow, (b.cursor < $2)::int::int8
