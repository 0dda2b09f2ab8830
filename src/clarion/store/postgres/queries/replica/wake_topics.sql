-- What did not fit may fit by now.
update source_state set state = 0
where env = $1 and entity = any (array(
    select entity from source_state
    where env = $1 and state = 2 and failed_at > 0 and kind = $2
    limit $3
    for no key update skip locked
))
