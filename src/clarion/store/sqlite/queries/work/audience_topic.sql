-- Nobody of a topic that was deleted, also while its subscriptions still end page by page.
select user from subscription
where env = ?1 and topic = ?2 and user > ?3 and user <= ?4 and until is null
    and user not in (select value from json_each(?6))
    and not exists (
        select 1 from topic as t where t.env = ?1 and t.topic = ?2 and t.deleted_at is not null
    )
order by user
limit ?5
