delete from item_member
where env = ?1 and user = ?2 and (env, event, workflow, user, step) in (
    select env, event, workflow, user, step from item_member indexed by item_member_by_item
    where env = ?1 and user = ?2
    limit ?3
)
