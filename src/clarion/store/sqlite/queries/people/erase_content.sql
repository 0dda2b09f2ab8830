delete from content
where env = ?1 and user = ?2 and (event, workflow) in (
    select event, workflow from notification where env = ?1 and user = ?2
)
