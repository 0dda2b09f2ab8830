-- What is left of it is removed in pieces.
update blast set state = 5, ended_at = 0, fence = fence + 1 where env = ?1 and blast = ?2
