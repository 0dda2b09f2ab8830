update workflow set paused_at = null where env = $1 and workflow = $2 and deleted_at is null
