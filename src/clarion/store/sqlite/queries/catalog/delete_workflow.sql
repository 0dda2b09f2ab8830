update workflow set deleted_at = ? where env = ? and workflow = ? and deleted_at is null
