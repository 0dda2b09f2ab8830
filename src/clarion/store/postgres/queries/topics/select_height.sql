-- How many topics the longest chain below this one has.
with recursive below (topic, place) as (
    select $2::int8, 0::int8
    union all
    select t.topic, below.place + 1
    from below
    join topic as t
        on t.env = $1 and t.parent = below.topic and t.parent > 0 and t.deleted_at is null
    where below.place < $3
)
select max(place) from below
