update workflow set paused_at = null where env = ? and workflow = ? and deleted_at is null
