-- How many topics the longest chain below this one has.
with recursive below (topic, place) as (
    select ?2, 0
    union all
    select t.topic, below.place + 1
    from below cross join topic as t indexed by topic_by_parent
    where t.env = ?1 and t.parent = below.topic and t.parent > 0 and t.deleted_at is null
        and below.place < ?3
)
select max(place) from below
