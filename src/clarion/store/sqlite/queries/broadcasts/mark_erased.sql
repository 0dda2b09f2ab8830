-- A member who is being erased is counted by a number from now on; 1: was not yet counted among the subscribed.
update broadcast set erased = erased + 1
where env = ?1
    and seq in (
        select b.seq
        from subscription as s indexed by subscription_by_user
        cross join broadcast as b indexed by broadcast_by_topic
            on b.env = ?1 and b.topic = s.topic
        where s.env = ?1 and s.user = ?2 and s.since <= b.published_at
            and (s.until is null or s.until > b.published_at)
            and not exists (select 1 from json_each(b.excepted) as e where e.value = ?2)
    )
returning event, workflow, cursor < ?2
