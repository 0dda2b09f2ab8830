delete from source_state indexed by source_state_by_user
where env = ?1 and user_id = ?2 and accepted_at < ?3
