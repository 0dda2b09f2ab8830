update workflow set paused_at = coalesce(paused_at, ?)
where env = ? and workflow = ? and deleted_at is null
